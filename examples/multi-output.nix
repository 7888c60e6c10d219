# A package with three outputs, and a user that takes only one of them.
let
  step = import ./step.nix;
in
rec {
  package = step {
    name = "package-1.0";
    outputs = [ "out" "dev" "doc" ];
    script = ''
      for part in 1 2 3 4 5; do
        echo "compiling part $part of 5"
        rest 3
      done
      echo "the program" > "$out"
      echo "the headers of $out" > "$dev"
      echo "the manual" > "$doc"
    '';
  };
  user = step {
    name = "user-1.0";
    headers = package.dev;
    script = ''
      rest 5
      read -r header < "$headers"
      echo "made with $header" > "$out"
    '';
  };
}
