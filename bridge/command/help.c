#include "bridge/command/arguments.h"

#include "bridge/known.h"
#include "conf/table/directives.h"

#define USR1_HELP "  USR1        print the counters as one JSON line on standard output and go on\n"

#define SIGNALS_HELP                                                                               \
	"Signals:\n"                                                                               \
	"  TERM, INT   take no more connections, close the open ones, print the counters\n"        \
	"              as one JSON line on standard output, and exit with 0\n" USR1_HELP           \
	"  HUP         read the configuration again: its rooms, accounts, routes and log level\n"  \
	"              are taken over, and certificates and their keys are read again\n"

#define DEMO_SIGNALS_HELP                                                                          \
	"Signals:\n"                                                                               \
	"  TERM, INT   take no more connections, close the open ones, print a line of what\n"      \
	"              there was (with --print-json the counters), and exit with 0\n"              \
	"  HUP         the same: it ends with its terminal; not if it is ignored "                 \
	"(nohup)\n" USR1_HELP

#define CODES_HELP                                                                                 \
	"Exit codes: 0 all went well, 1 failure, 2 wrong command line, 78 wrong configuration.\n"

static const char *const help_texts[COMMAND_COUNT] = {
	[COMMAND_HELP] =
	    "Dragoman connects chat clients of different dialects: they meet in the same rooms.\n"
	    "\n"
	    "Usage: dragoman COMMAND [OPTIONS]\n"
	    "\n"
	    "Commands:\n"
	    "  demo            start without a configuration: four dialects, one room, guests\n"
	    "  run -c FILE     start with a configuration\n"
	    "  check -c FILE   tell all that is wrong with a configuration\n"
	    "  reload -c FILE  have the running server take over a changed one\n"
	    "  routes -c FILE  show the routes; tell what becomes of an event (--try)\n"
	    "  backend-test ENDPOINT\n"
	    "                  try a backend: play the server's side, tell what it gets wrong\n"
	    "  keygen NAME     make a pair of keys for a connection to a backend\n"
	    "  defaultconfig   print a commented configuration that holds every default\n"
	    "  version         print the version (also -V, --version)\n"
	    "  help [COMMAND]  print this, or the help on a command (also -h, --help)\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman demo\n"
	    "  dragoman defaultconfig > dragoman.cfg\n"
	    "  dragoman check -c dragoman.cfg && dragoman run -c dragoman.cfg\n"
	    "\n" SIGNALS_HELP "\n" CODES_HELP "\n"
	    "Manual pages: dragoman(1), dragoman.cfg(5), dragoman-backend(7).\n",
	[COMMAND_DEMO] =
	    "Usage: dragoman demo [--port N] [--address A] [--workers N] [--print-json]\n"
	    "\n"
	    "Starts a server for trying things out, without a configuration file: one room, the\n"
	    "lobby, with the dialects mixer at /mixer, concord at /concord and /client, rooms at\n"
	    "/rooms, and simple at /simple. Everybody may come in as a guest. Prints one line for\n"
	    "each path with a command to try it, and a secret that makes its bearer an owner; "
	    "then,\n"
	    "without --print-json, who comes and goes.\n"
	    "\n"
	    "Options:\n"
	    "  --port N        TCP port, 7000 if not given; 0 takes any free one\n"
	    "  --address A     numeric address to listen on, 127.0.0.1 if not given\n"
	    "  --workers N     threads that serve clients, 0 to 16; 0, if not given: one for each\n"
	    "                  core\n"
	    "  --print-json    say what is there as one line of JSON, for scripts\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman demo\n"
	    "  dragoman demo --port 0 --print-json\n"
	    "  dragoman demo --address 0.0.0.0 --port 8080\n"
	    "  /usr/bin/python3 -m websockets 'ws://127.0.0.1:7000/concord?token=bob'\n"
	    "\n" DEMO_SIGNALS_HELP,
	[COMMAND_RUN] =
	    "Usage: dragoman run -c FILE [--print-json]\n"
	    "\n"
	    "Starts the server that FILE describes. All errors in it are told at once, then the\n"
	    "exit code is 78.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration; see 'dragoman help defaultconfig'\n"
	    "  --print-json       say what is there as one line of JSON, for scripts\n"
	    "\n"
	    "Files that FILE can name: a secret for each account (secret_file), and a folder that\n"
	    "keeps message ids unique over restarts (state). Relative paths start at FILE's "
	    "folder.\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman run -c /etc/dragoman.cfg\n"
	    "  kill -USR1 PID      # print the counters\n"
	    "  kill -TERM PID      # end in good order\n"
	    "\n" SIGNALS_HELP,
	[COMMAND_CHECK] =
	    "Usage: dragoman check -c FILE\n"
	    "\n"
	    "Reads a configuration without starting anything, and prints every error as\n"
	    "'file:line: error: what is wrong' to standard error. When there is none, what is\n"
	    "probably not meant is printed as 'file:line: warning: ...': listening for others\n"
	    "with empty hosts or without TLS, an empty state, running as root. Exits with 0 when\n"
	    "FILE has no errors, with 78 when it has.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration; see 'dragoman help defaultconfig'\n"
	    "\n"
	    "Example:\n"
	    "  dragoman check -c dragoman.cfg\n",
	[COMMAND_RELOAD] =
	    "Usage: dragoman reload -c FILE\n"
	    "\n"
	    "Checks FILE, and tells the server that runs with it to take over its rooms, "
	    "accounts,\n"
	    "routes and log level, and to read its certificates again. Nobody notices but those\n"
	    "whose room or account is gone, who are told; no message is lost. The server is found\n"
	    "by the pid_file that FILE names; without one, send it HUP.\n"
	    "When FILE is wrong nothing changes, every error is printed as\n"
	    "'file:line: error: what is wrong', and the exit code is 78. The server's log tells\n"
	    "what it took over, and what needs a restart.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration\n"
	    "\n"
	    "Example:\n"
	    "  dragoman reload -c /etc/dragoman.cfg\n",
	[COMMAND_ROUTES] =
	    "Usage: dragoman routes -c FILE [--try JSON]\n"
	    "       dragoman routes -c FILE --dialect D --room R [--kind K] [--from NAME]\n"
	    "                       [--role ROLE] [--text T]\n"
	    "\n"
	    "Shows the routes of a configuration. With an event, tells which of them decides "
	    "about\n"
	    "it, why each one before does not match, and what each destination would receive.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration\n"
	    "  --try JSON         an event, in the form that backends see; see "
	    "dragoman-backend(7)\n"
	    "  --dialect D        who says it: mixer, concord, rooms, simple or backend\n"
	    "  --room R           where, by the room's name\n"
	    "  --kind K           what: message, if not given\n"
	    "  --from NAME        the author's name\n"
	    "  --role ROLE        a role of the author's\n"
	    "  --text T           the text\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman routes -c dragoman.cfg\n"
	    "  dragoman routes -c dragoman.cfg --dialect simple --room lobby --text '!roll'\n"
	    "  dragoman routes -c dragoman.cfg --try '{\"kind\":\"message\",\"room\":\"lobby\",\n"
	    "      "
	    "\"text\":\"hi\",\"author\":{\"name\":\"ann\"},\"origin\":{\"dialect\":\"mixer\"}}'\n",
	[COMMAND_BACKEND_TEST] =
	    "Usage: dragoman backend-test ENDPOINT [--bind] [--name NAME] [--seconds N]\n"
	    "                             [--login NAME] [--secret S] [--number N] [--dialect D]\n"
	    "\n"
	    "Plays the server's side of the protocol of dragoman-backend(7) against a backend, "
	    "and\n"
	    "tells line by line what it does right and wrong. Connects to ENDPOINT, where the\n"
	    "backend listens, or with --bind listens there for it. Exits with 0 when all is "
	    "right,\n"
	    "with 1 when something is wrong or no backend came.\n"
	    "\n"
	    "Options:\n"
	    "  --bind        listen at ENDPOINT instead of connecting\n"
	    "  --name NAME   the backend has to say this name; any, if not given\n"
	    "  --seconds N   how long to wait for it, 10 if not given\n"
	    "  --login NAME, --secret S, --number N, --dialect D\n"
	    "                a login of your own to ask about, for who judges logins; what became\n"
	    "                of it is told. simple is the dialect, if not given\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman backend-test --bind ipc:///tmp/moderation.sock\n"
	    "  dragoman backend-test tcp://127.0.0.1:7020 --name moderation\n"
	    "  dragoman backend-test --bind ipc:///tmp/doors.sock --login al --secret sesame\n",
	[COMMAND_KEYGEN] =
	    "Usage: dragoman keygen NAME\n"
	    "\n"
	    "Makes a pair of CURVE keys: NAME.key, the secret one, which only its owner may read,\n"
	    "and NAME.pub, for the other side. Existing files are never overwritten.\n"
	    "\n"
	    "Example:\n"
	    "  dragoman keygen server && dragoman keygen moderation\n",
	[COMMAND_DEFAULTCONFIG] =
	    "Usage: dragoman defaultconfig\n"
	    "\n"
	    "Prints a commented configuration to standard output: every directive with its\n"
	    "default. What a configuration leaves out has the value shown there.\n"
	    "\n"
	    "Example:\n"
	    "  dragoman defaultconfig > dragoman.cfg\n"
	    "\n"
	    "Directives (dragoman.cfg(5) explains them):\n",
	[COMMAND_VERSION] = "Usage: dragoman version\n"
			    "\n"
			    "Prints the name and version of this program.\n",
};

void arguments_help(enum command command, FILE *stream)
{
	fputs(help_texts[command], stream);
	if (command == COMMAND_DEFAULTCONFIG)
		directives_print(known_names(), stream);
}
