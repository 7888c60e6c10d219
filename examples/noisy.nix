# 20,000 coloured lines in twenty bursts.
let
  step = import ./step.nix;
in
{
  colours = step {
    name = "colours";
    script = ''
      burst=0
      while [ "$burst" -lt 20 ]; do
        line=0
        while [ "$line" -lt 1000 ]; do
          line=$((line + 1))
          printf '\033[3%dmburst %02d\033[0m line %04d \033[1;3%dm%s\033[0m\n' \
            "$((line % 7 + 1))" "$((burst + 1))" "$line" "$((burst % 7 + 1))" "the quick brown fox jumps over the lazy dog"
        done
        burst=$((burst + 1))
        rest 4
      done
      echo "$((burst * line)) lines" > "$out"
    '';
  };
}
