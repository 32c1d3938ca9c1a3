-- A database in a file: transactions, indexes, vacuum; an error at the end.
ATTACH '/made.db' AS made;
CREATE TABLE made.t (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID;
BEGIN;
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000)
INSERT INTO made.t SELECT printf('%08d', i * 7919 % 1009), randomblob(i % 50) FROM c WHERE i < 1009;
COMMIT;
BEGIN;
DELETE FROM made.t WHERE k LIKE '%7%';
ROLLBACK;
DELETE FROM made.t WHERE k LIKE '%3%';
SELECT count(*), sum(length(v)) FROM made.t;
VACUUM made;
PRAGMA made.integrity_check;
SELECT * FROM missing;
