-- Which windows go first of those that wait for all other branches: the lowest ranks do, and those of one rank together.
ALTER TABLE fantasm_window ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
