# A build that leaves products, metrics and a release name for whoever looks at it. It makes folders, for which there must be a `mkdir`
# in /usr/bin or /bin: a sandbox has none.
let
  step = import ./step.nix;
in
{
  release = step {
    name = "release-1.2.3";
    script = ''
      mkdir -p "$out/nix-support" "$out/report" "$out/files"

      echo "writing the report"
      rest 15
      {
        echo "<!doctype html><html lang=en><meta charset=utf-8><title>Report</title>"
        echo "<h1>Report</h1><p>All <a href=details.html>three tests</a> have passed.</p>"
      } > "$out/report/index.html"
      echo "<!doctype html><title>Details</title><ol><li>one<li>two<li>three</ol>" > "$out/report/details.html"

      echo "writing the files"
      rest 15
      echo "Read me." > "$out/files/read me first.txt"
      number=0
      while [ "$number" -lt 1000 ]; do
        number=$((number + 1))
        echo "$number"
      done > "$out/files/numbers-1.2.3.txt"

      echo "release-1.2.3" > "$out/nix-support/hydra-release-name"
      {
        echo "report html $out/report index.html"
        echo "doc readme \"$out/files/read me first.txt\""
        echo "file source-dist $out/files/numbers-1.2.3.txt"
      } > "$out/nix-support/hydra-build-products"
      {
        echo "tests.passed 3"
        echo "tests.coverage 87.5 %"
        echo "files.size 3893 bytes"
      } > "$out/nix-support/hydra-metrics"
    '';
    meta = {
      description = "A release with a report, files and figures";
      homepage = "https://example.org/release";
      license = [ { shortName = "GPL-3.0-or-later"; } ];
      maintainers = [ { email = "iolaus@example.org"; } ];
    };
  };
}
