-- A digest of what was asked for with a key, so that the key is not taken for that of another request.
ALTER TABLE idempotency_keys ADD COLUMN request BLOB;
