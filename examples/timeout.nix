# A step that would take a minute and may take three seconds: the farm ends it.
let
  step = import ./step.nix;
in
{
  sleeper = step {
    name = "sleeper";
    script = ''
      second=0
      while [ "$second" -lt 60 ]; do
        echo "still here after $second s"
        rest 10
        second=$((second + 1))
      done
      echo "nobody ended me" > "$out"
    '';
    meta.timeout = 3;
  };
}
