-- Recursion, joins, aggregates, text, dates and floats.
CREATE TABLE n (i INTEGER PRIMARY KEY, x REAL, t TEXT);
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
INSERT INTO n SELECT i, i * 0.37 - 100, printf('%05x', i * 7919 % 10007) FROM c;
CREATE INDEX by_text ON n (t);
SELECT count(*), sum(x), avg(x), min(t), max(t), total(i * 1.1) FROM n;
SELECT a.t, b.i FROM n a JOIN n b ON b.i = a.i % 97 WHERE a.t LIKE '%ff%' ORDER BY a.t, b.i LIMIT 5;
SELECT substr(t, -2) AS tail, group_concat(i) FROM n WHERE i < 60 GROUP BY tail HAVING count(*) > 1 ORDER BY tail;
SELECT 0.1 + 0.2, 1e300 * 1e10, 1 / 3.0, round(2.5), 9223372036854775807 + 1, 7 / 0, printf('%.17g', 0.1);
SELECT datetime(0, 'unixepoch'), strftime('%s', 'now'), random(), hex(randomblob(8));
SELECT upper('grüße'), length('Ωμ'), quote(zeroblob(3)), like('a%', 'ABC'), instr('abc', 'c');
EXPLAIN QUERY PLAN SELECT * FROM n WHERE t = 'a';
