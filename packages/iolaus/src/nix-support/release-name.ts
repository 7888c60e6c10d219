const releaseNamePattern = /^[A-Za-z0-9.@:_-]{1,255}$/;

/** Parses `hydra-release-name`: one name, with blanks around it at most. Null for anything else. */
export function parseReleaseName(text: string): string | null {
  const name = text.trim();
  return releaseNamePattern.test(name) ? name : null;
}
