# The README's reference names every function, procedure and view that people use: those that 50_privileges.sql gives to
# PUBLIC or to administrators, but for the helpers of the views and of the script (the ones below).
status=0
helpers='check_encoding|unpack_history|unpack_log|frame_status|generated_execution_name|state_machine_arn|execution_arn|express_execution_arn|activity_arn|map_run_arn|readable_state_machine|visible_activity|worker_processes'
[ -f README.md ] || exit 0
while read -r name; do
    grep -qE "\`${name}[(\`]" README.md || { echo "README.md does not name $name"; status=1; }
done < <(sed -nE 's/^CREATE (FUNCTION|PROCEDURE|VIEW) workflow\.([a-z_]+).*/\2/p' sql/parts/*.sql | sort -u | grep -vxE "$helpers")
exit $status
