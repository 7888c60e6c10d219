// What indexes of ours are over has to be said to the letter alike in the statements that they answer.

/** How builds stand, as numbers: 0 unfinished, 1 succeeded, 2 failed. */
export const buildGroupOf = (build: string): string =>
  `(case when ${build}finished = 0 then 0 when ${build}buildstatus = 0 then 1 else 2 end)`;

/** What a build is called, in small letters: its job, and behind a space its package. */
export const buildNamesOf = (build: string): string =>
  `lower(${build}job || ' ' || coalesce(${build}nixname, ''))`;
