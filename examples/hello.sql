-- Greets, and joins two tables.
CREATE TABLE language (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE year (language INTEGER REFERENCES language, year INTEGER);
INSERT INTO language VALUES (1, 'SQL'), (2, 'C');
INSERT INTO year VALUES (1, 1974), (2, 1972);
SELECT 'Hello from SQLite ' || sqlite_version() || '.';
SELECT name || ' is from ' || year || '.' FROM language JOIN year ON year.language = language.id ORDER BY year;
