-- Which windows go first of those that wait for all other branches: the lowest ranks do, and those of one rank together.
ALTER TABLE fantasm.window ADD COLUMN rank bigint NOT NULL DEFAULT 0;
