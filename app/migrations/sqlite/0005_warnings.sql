-- Trouble of whole jobs is rare among events, and asked for with every list of jobs.
CREATE INDEX events_error ON events (job, seq) WHERE type = 'error';
