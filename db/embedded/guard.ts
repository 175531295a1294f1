/**
 * Shell program that starts the server and outlives its parent by seconds at most. Its standard input is a pipe
 * held by the parent alone: a line on it is a signal name to pass on; its end means that the parent is gone,
 * however it died, and the server is shut down (fast, then immediate, then killed).
 * It runs in a session of its own, so a Ctrl-C in the terminal reaches neither it nor the server: the parent
 * decides about the order in which things stop.
 */
export const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
  while IFS= read -r signal <&3; do kill -"$signal" "$server" 2>/dev/null; done
  kill -INT "$server" 2>/dev/null
  waited=0
  while kill -0 "$server" 2>/dev/null; do
    waited=$((waited + 1))
    [ "$waited" -eq 75 ] && kill -QUIT "$server" 2>/dev/null
    [ "$waited" -eq 150 ] && kill -KILL "$server" 2>/dev/null
    sleep 0.1
  done
) &
guard=$!
exec 3<&-
wait "$server"
code=$?
kill "$guard" 2>/dev/null
exit "$code"
`;
