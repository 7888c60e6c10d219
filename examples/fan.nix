# 200 tiny steps that need nothing of each other, and one that needs them all.
let
  step = import ./step.nix;
  count = 200;
  finger = number: step {
    name = "finger-${toString number}";
    script = ''
      echo "${toString number}" > "$out"
    '';
  };
in
{
  hand = step {
    name = "hand";
    fingers = builtins.genList finger count;
    script = ''
      for finger in $fingers; do
        read -r number < "$finger"
        echo "$number"
      done > "$out"
    '';
  };
}
