# A derivation whose content is known beforehand, as that of a download is, and one that uses it.
let
  step = import ./step.nix;
in
rec {
  download = step {
    name = "sentence.txt";
    outputHashMode = "flat";
    outputHashAlgo = "sha256";
    outputHash = "71ea52428a02693f1691077a4d7ba41de7f79007f3b5b46c007ed771834e68d3";
    script = ''
      echo "fetching a sentence from far away"
      rest 15
      echo "Iolaus burnt the stumps, so that no head grew back twice." > "$out"
    '';
  };
  reader = step {
    name = "reader";
    inherit download;
    script = ''
      rest 5
      read -r sentence < "$download"
      echo "It says: $sentence" > "$out"
    '';
  };
}
