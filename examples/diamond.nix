# Two steps need the top and the bottom needs both: the two in the middle can be built at the same time.
let
  step = import ./step.nix;
  side = name: step {
    inherit name top;
    script = ''
      echo "$name begins with what the top has made"
      rest 15
      read -r below < "$top"
      echo "$below, $name" > "$out"
    '';
  };
  top = step {
    name = "top";
    script = ''
      rest 10
      echo "top" > "$out"
    '';
  };
in
{
  inherit top;
  left = side "left";
  right = side "right";
  bottom = step {
    name = "bottom";
    left = side "left";
    right = side "right";
    script = ''
      rest 10
      while read -r line; do echo "$line, bottom" >> "$out"; done < "$left"
      while read -r line; do echo "$line, bottom" >> "$out"; done < "$right"
    '';
  };
}
