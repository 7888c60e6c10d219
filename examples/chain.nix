# Sixty steps, each of which needs the one before: only one of them can be built at a time.
let
  step = import ./step.nix;
  length = 60;
  link = number: step {
    name = "link-${toString number}";
    script = ''
      rest 2
      if [ -n "$before" ]; then read -r links < "$before"; fi
      echo "$links ${toString number}" > "$out"
    '';
    links = "";
    before = if number == 1 then "" else link (number - 1);
  };
in
{
  end = link length;
}
