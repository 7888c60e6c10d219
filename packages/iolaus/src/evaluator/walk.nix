# Finds the derivations below some attribute paths of a value, depth first, and tells each thing it sees at once: as a line
# of trace, since what comes after may end the process. A line is `tag` and a JSON object with `path` and one of
#   attributes   the names in a set that is entered
#   job          a derivation
#   skipped      neither: there is nothing to build
#   missing      the path leads nowhere; the names there are where it ends
#   failed       an error that can be caught
# With `catch = false` even those end the process, and Nix says what they are.
{ paths, tag, catch, arguments }:
root:
let
  inherit (builtins)
    attrNames concatMap deepSeq filter foldl' functionArgs intersectAttrs isAttrs isBool isFunction isInt
    isList isString listToAttrs map storeDir stringLength substring toJSON trace tryEval
    unsafeDiscardStringContext;

  # Functions on the way are called with the arguments that they have names for, as the function of the file is.
  call = value:
    if isFunction value && functionArgs value != { }
    then call (value (intersectAttrs (functionArgs value) arguments))
    else value;

  isDerivation = value: isAttrs value && value.type or null == "derivation";

  text = value: if isString value then unsafeDiscardStringContext value else null;
  number = value: if isInt value then value else null;
  # Licences and maintainers are strings, sets, or lists of them.
  texts = attribute: value:
    let
      values = if isList value then value else [ value ];
      one = entry: if isString entry then [ (text entry) ] else if isAttrs entry && entry ? ${attribute} then [ (text entry.${attribute}) ] else [ ];
    in
    filter isString (concatMap one values);

  describe = meta: {
    description = text (meta.description or null);
    homepage = text (meta.homepage or null);
    license = texts "shortName" (meta.license or [ ]);
    maintainers = texts "email" (meta.maintainers or [ ]);
    schedulingPriority = number (meta.schedulingPriority or null);
    maxSilentSeconds = number (meta.maxSilent or null);
    timeoutSeconds = number (meta.timeout or null);
    isChannel = let flag = meta.isChannel or false; in isBool flag && flag;
  };

  # A path that is not below the store is a placeholder: nobody knows the output yet.
  outputPath = value:
    let path = unsafeDiscardStringContext value.outPath; prefix = storeDir + "/"; in
    if substring 0 (stringLength prefix) path == prefix then path else null;

  jobOf = value: {
    name = text value.name;
    system = text (value.system or "unknown");
    drvPath = unsafeDiscardStringContext value.drvPath;
    outputs = listToAttrs (map (output: { name = output; value = outputPath value.${output}; }) (value.outputs or [ "out" ]));
    meta = let described = describe (value.meta or { }); tried = tryEval (deepSeq described described); in
      if tried.success then tried.value else describe { };
  };

  # What stands at a value; `entered` says that a set there was asked for.
  look = entered: value:
    if isDerivation value then { job = jobOf value; }
    else if isAttrs value && (entered || value.recurseForDerivations or false == true)
    then { attributes = filter (name: name != "recurseForDerivations") (attrNames value); }
    else { skipped = true; };

  attempt = thunk:
    if catch then
      let tried = tryEval (deepSeq thunk thunk); in if tried.success then tried.value else { failed = true; }
    else thunk;

  say = path: found: rest:
    deepSeq found (trace (tag + toJSON ({ inherit path; } // found)) rest);

  visit = entered: path: value: count:
    let found = attempt (look entered (call value)); in
    say path found (
      if found ? attributes
      then foldl' (total: name: visit false (path ++ [ name ]) (call value).${name} total) (count + 1) found.attributes
      else count + 1
    );

  # Follows a path from the root; the value, or what is there instead.
  follow = path: foldl'
    (at: name:
      if at ? missing then at
      else
        let value = call at.value; in
        if isAttrs value && value ? ${name} then { value = value.${name}; }
        else { missing = if isAttrs value then attrNames value else [ ]; })
    { value = root; }
    path;

  start = count: { path, entered }:
    let
      end = attempt (let at = follow path; in if at ? missing then at else { });
    in
    if end ? missing || end ? failed then say path end (count + 1)
    else visit entered path (follow path).value count;
in
foldl' start 0 paths
