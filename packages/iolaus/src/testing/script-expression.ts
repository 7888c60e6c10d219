/** The head of a Nix expression for tests: `run NAME SCRIPT ATTRIBUTES` is a derivation that runs a shell script. */
export const scriptExpression = String.raw`
  run = name: script: attributes: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-e" "-c" script ];
    PATH = "/usr/bin:/bin";
  } // attributes);
`;
