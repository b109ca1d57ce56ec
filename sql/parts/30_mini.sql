CREATE FUNCTION workflow.raise(error text, cause text DEFAULT NULL) RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_raise';
CREATE FUNCTION workflow.context() RETURNS json LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_context';
CREATE FUNCTION workflow.run_until_idle(advance_clock boolean DEFAULT false) RETURNS bigint LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_run_until_idle';
CREATE FUNCTION workflow.resume() RETURNS void LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_resume';
CREATE FUNCTION workflow.pause() RETURNS void LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_pause';
CREATE FUNCTION workflow.m(name text, def text, role regrole default 'postgres') RETURNS bigint LANGUAGE sql AS $$
 INSERT INTO workflow.state_machine(id,name,type,owner,revision_id,created_at) VALUES (nextval('workflow.state_machine_id'),name,'STANDARD','postgres',nextval('workflow.revision_id'),now());
 INSERT INTO workflow.state_machine_revision(id,state_machine_id,definition,run_as,role_arn,created_at) SELECT revision_id,id,def,role,'arn:x',now() FROM workflow.state_machine s where s.name=m.name returning state_machine_id
$$;
CREATE FUNCTION workflow.s(name text, input json) RETURNS bigint LANGUAGE sql AS $$
 WITH e AS (INSERT INTO workflow.execution(state_machine_id,revision_id,input,started_at) SELECT id,revision_id,s.input,now() FROM workflow.state_machine m WHERE m.name=s.name RETURNING id)
 INSERT INTO workflow.ready(role,id,execution_id,kind) SELECT (select run_as from workflow.state_machine_revision r join workflow.state_machine m on m.revision_id=r.id where m.name=s.name), id,id,'s' FROM e RETURNING id
$$;
