# All examples. Each is also a file that can be built alone: `npx iolaus build examples/diamond.nix`.
let
  entered = file: import file // { recurseForDerivations = true; };
in
{
  chain = entered ./chain.nix;
  diamond = entered ./diamond.nix;
  failing = entered ./failing.nix;
  fan = entered ./fan.nix;
  fixed-output = entered ./fixed-output.nix;
  multi-output = entered ./multi-output.nix;
  noisy = entered ./noisy.nix;
  products-and-metrics = entered ./products-and-metrics.nix;
  timeout = entered ./timeout.nix;
}
