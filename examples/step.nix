# A derivation that runs a shell script with nothing but /bin/sh. `rest N` in it takes N tenths of a second, so that there is something
# to watch: asleep where there is a `sleep`, and counting in a sandbox, where there is none.
{ name, script, meta ? { }, ... }@arguments:
let
  rest = ''
    rest() {
      sleep "$(($1 / 10)).$(($1 % 10))" 2>/dev/null && return
      count=0
      while [ "$count" -lt "$(($1 * 100000))" ]; do count=$((count + 1)); done
    }
  '';
  step = derivation (removeAttrs arguments [ "script" "meta" ] // {
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-e" "-c" (rest + script) ];
    PATH = "/usr/bin:/bin";
  });
in
step // { inherit meta; }
