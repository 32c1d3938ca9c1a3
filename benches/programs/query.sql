-- Tables filled by recursion, joined, grouped and changed.
CREATE TABLE item (id INTEGER PRIMARY KEY, kind INTEGER, price INTEGER, name TEXT);
CREATE TABLE sale (item INTEGER, day INTEGER, count INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
INSERT INTO item SELECT i, i * 7919 % 31, i * 104729 % 997, 'item ' || i FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
INSERT INTO sale SELECT 1 + i * 7907 % 4000, i % 365, 1 + i * 31 % 9 FROM n;
CREATE INDEX sale_item ON sale (item);
SELECT kind, count(*), sum(price * count) FROM item JOIN sale ON sale.item = item.id
  GROUP BY kind ORDER BY 3 DESC LIMIT 3;
UPDATE item SET price = price + 1 WHERE id IN (SELECT item FROM sale WHERE day < 30);
SELECT sum(price), max(length(name)) FROM item;
SELECT day, sum(count) AS total FROM sale GROUP BY day HAVING total > 340 ORDER BY total DESC, day LIMIT 3;
DELETE FROM sale WHERE day % 2 = 0;
SELECT count(*), (SELECT group_concat(name, ',') FROM item WHERE name LIKE '%99_') FROM sale;
