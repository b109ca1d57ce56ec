-- Pictures that two kinds of workers outside the database look after: one measures them, one writes their captions.

CREATE ROLE gallery_owner NOLOGIN;      -- as which the workflow's tasks run
CREATE ROLE gallery_worker LOGIN;       -- as which the workers connect: it may poll, and see nothing else
GRANT USAGE ON SCHEMA workflow TO gallery_owner, gallery_worker;

CREATE SCHEMA gallery;
GRANT USAGE ON SCHEMA gallery TO gallery_owner;
CREATE TABLE gallery.picture (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    width int,
    caption text,
    worker text                             -- who wrote the caption
);
GRANT SELECT, UPDATE ON gallery.picture TO gallery_owner;
INSERT INTO gallery.picture (name) SELECT 'picture ' || i FROM generate_series(1, 20) i;

CREATE FUNCTION gallery.note(id bigint, width int, caption text, worker text) RETURNS void LANGUAGE sql AS $$
    UPDATE gallery.picture p SET width = note.width, caption = note.caption, worker = note.worker WHERE p.id = note.id;
$$;

-- Who makes an activity owns it, and is the one that may poll for its tasks.
SET ROLE gallery_worker;
SELECT workflow.create_activity('measure') AS measure, workflow.create_activity('caption') AS caption \gset
RESET ROLE;
