# One step fails, and with it the five that need it: none of those is ever begun.
let
  step = import ./step.nix;
  broken = step {
    name = "broken";
    script = ''
      echo "everything seems fine"
      rest 15
      echo "main.c:42: error: this was never going to work" >&2
      exit 3
    '';
  };
  dependent = number: step {
    name = "dependent-${number}";
    inherit broken;
    script = ''
      echo "never printed" > "$out"
    '';
  };
in
{
  inherit broken;
  first = dependent "1";
  second = dependent "2";
  third = dependent "3";
  fourth = dependent "4";
  fifth = dependent "5";
}
