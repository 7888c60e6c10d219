# Finds the derivations below some attribute paths of a file's value, depth first, and tells what it sees at once, as lines of trace,
# since whatever comes next may end the process. A line is `tag` and a JSON object with `type` and, but for the first, `path`:
#   file         the value of the file can be had
#   set          `names` are visited next, in this order; there are none unless the set wants to be entered
#   derivation   `drvPath` (it is in the store now) and `meta`
#   other        neither; `kind` is the type of the value
#   missing      there is no such path; `names` are those that there are where it ends
#   thrown       an error that can be caught, whose message is not to be had
# `paths` are those to begin with: `path`, and whether a set there is asked for by name (`asked`). `arguments` is for the functions on the way.
# After `recordsMax` lines it ends, so that a process does not grow for ever. With `catch = false` every error ends it, with Nix's message.
{ tag, paths, arguments, recordsMax, catch }:
file:
let
  inherit (builtins)
    attrNames concatMap deepSeq elemAt filter foldl' functionArgs intersectAttrs isAttrs
    isFunction isInt isList isString length seq split toJSON toXML trace tryEval typeOf unsafeDiscardStringContext;

  # No package set that people write comes near.
  depthMax = 40;

  # As Nix calls functions: those that take a set by its names get what they ask for, or everything if they take any name (`...`).
  # Only its XML tells what kind of function one is.
  call = value:
    let
      parts = split "<attrspat( ellipsis=)?" (toXML value);
      takesAnyName = elemAt parts 1 != [ null ];
    in
    if !isFunction value || length parts == 1 then value
    else if takesAnyName then value arguments
    else value (intersectAttrs (functionArgs value) arguments);

  # What a derivation says of itself for people and for scheduling.
  describe = meta:
    let
      text = value: if isString value then unsafeDiscardStringContext value else null;
      number = value: if isInt value || isString value then value else null;
      # Strings, sets that have them under a name, and lists of all these.
      texts = name: value:
        if isString value then [ (text value) ]
        else if isList value then concatMap (texts name) value
        else if isAttrs value then texts name (value.${name} or null)
        else [ ];
    in
    {
      description = text meta.description or null;
      homepage = texts "url" meta.homepage or null;
      license = texts "shortName" meta.license or null;
      maintainers = texts "email" meta.maintainers or null;
      schedulingPriority = number meta.schedulingPriority or null;
      maxSilent = number meta.maxSilent or null;
      timeout = number meta.timeout or null;
      isChannel = meta.isChannel or false == true;
    };

  look = asked: path: value:
    if !isAttrs value then { type = "other"; kind = typeOf value; }
    else if value.type or null == "derivation" then {
      type = "derivation";
      drvPath = unsafeDiscardStringContext value.drvPath;
      meta = describe value.meta or { };
    }
    else {
      type = "set";
      names =
        if !asked && value.recurseForDerivations or false != true then [ ]
        # A set that holds itself has no end.
        else if length path > depthMax then throw "sets are nested more than ${toString depthMax} deep"
        else filter (name: name != "recurseForDerivations") (attrNames value);
    };

  # Forces all of a record, so that what is wrong with it comes to light here.
  attempt = record:
    if !catch then deepSeq record record
    else let tried = tryEval (deepSeq record record); in if tried.success then tried.value else { type = "thrown"; };

  tell = record: next: trace (tag + toJSON record) next;

  # Each takes and returns how many lines may still be told.
  visit = asked: path: value: left:
    let
      called = call value;
      record = attempt (look asked path called);
      visitChild = left: name: visit false (path ++ [ name ]) called.${name} left;
    in
    if left == 0 then 0
    else tell (record // { inherit path; }) (foldl' visitChild (left - 1) (record.names or [ ]));

  # Where a path leads: `value`, or the names there are where it ends.
  follow = foldl'
    (place: name:
      if place ? names then place
      else
        let set = call place.value; in
        if !isAttrs set then { names = [ ]; }
        else if set ? ${name} then { value = set.${name}; }
        else { names = attrNames set; })
    { value = file; };

  start = left: { path, asked }:
    let
      place = follow path;
      end = attempt (if place ? names then { type = "missing"; inherit (place) names; } else { type = "found"; });
    in
    if left == 0 then 0
    else if end.type == "found" then visit asked path place.value left
    else tell (end // { inherit path; }) (left - 1);
in
seq (call file) (tell { type = "file"; } (foldl' start recordsMax paths))
