-- What a row was about to do when it was sent: the outcome that it has if that arrived.
-- A row of a job that looks users up first has an entry before its first write; once it has an outcome the entry says nothing.
CREATE TABLE announced (
    job     INTEGER NOT NULL REFERENCES jobs (number),
    row     INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    PRIMARY KEY (job, row)
) STRICT, WITHOUT ROWID;
