CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL, parent INTEGER REFERENCES item);
CREATE INDEX item_name ON item (name);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO item SELECT i, printf('item %03d', i * 7919 % 400), i * 0.25, CASE WHEN i > 1 THEN i / 2 END FROM n;
SELECT count(*), sum(price), max(name) FROM item;
UPDATE item SET price = price * 2 WHERE name LIKE 'item 1%';
DELETE FROM item WHERE id % 3 = 0;
SELECT name, price FROM item WHERE name > 'item 390' ORDER BY name DESC;
SELECT a.name, count(b.id) FROM item a JOIN item b ON b.parent = a.id GROUP BY a.id HAVING count(b.id) > 1 ORDER BY 1 LIMIT 5;
SELECT upper(substr(name, 1, 4)) || hex(id), round(price / 3, 4) FROM item WHERE id IN (SELECT parent FROM item) LIMIT 4;
