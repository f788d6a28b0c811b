#include "bridge/command/arguments.h"

#include <string.h>

#include "bridge/known.h"
#include "conf/table/directives.h"

#define OVERVIEW_WIDTH 18 /* columns before what a command does */

#define USR1_HELP "  USR1        print the counters as one line of JSON on standard output\n"

#define SIGNALS_HELP                                                                               \
	"Signals:\n"                                                                               \
	"  TERM, INT   graceful shutdown: accept no more connections, close the open ones,\n"      \
	"              print the counters as one line of JSON on standard output, exit with "      \
	"0\n" USR1_HELP                                                                            \
	"  HUP         reload the configuration: its rooms, accounts, routes, log level and log\n" \
	"              format, certificates and their keys, and keys of JWTs\n"

#define DEMO_SIGNALS_HELP                                                                          \
	"Signals:\n"                                                                               \
	"  TERM, INT   graceful shutdown: accept no more connections, close the open ones,\n"      \
	"              print a summary (with --print-json the counters), exit with 0\n"            \
	"  HUP         the same, so it ends with its terminal; ignored under nohup\n" USR1_HELP

#define CODES_HELP                                                                                 \
	"Exit codes: 0 success, 1 failure, 2 invalid command line, 78 invalid configuration.\n"

static const char *const help_texts[COMMAND_COUNT] = {
	[COMMAND_HELP] = "Examples:\n"
			 "  dragoman demo\n"
			 "  dragoman defaultconfig > dragoman.cfg\n"
			 "  dragoman check -c dragoman.cfg && dragoman run -c dragoman.cfg\n"
			 "  dragoman status\n"
			 "\n" SIGNALS_HELP "\n" CODES_HELP "\n"
			 "Manual pages: dragoman(1), dragoman.cfg(5), dragoman-backend(7).\n",
	[COMMAND_DEMO] =
	    "Usage: dragoman demo [--port N] [--address A] [--workers N] [--print-json]\n"
	    "\n"
	    "Starts a server to try out, without a configuration file: one room, the lobby, with\n"
	    "the dialects mixer at /mixer, concord at /concord and /client, rooms at /rooms, and\n"
	    "simple at /simple. Guests may log in. Prints a command to try each path with, and a\n"
	    "secret that gives the role owner to whoever logs in with it; then, without\n"
	    "--print-json, who connects and who leaves.\n"
	    "\n"
	    "Options:\n"
	    "  --port N        TCP port, 7000 by default; 0 takes any free one\n"
	    "  --address A     numeric address to listen on, 127.0.0.1 by default\n"
	    "  --workers N     threads that serve clients, 0 to 16; 0, the default: one for each\n"
	    "                  core\n"
	    "  --print-json    print addresses and rooms as one line of JSON, for scripts\n"
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
	    "Starts the server that FILE describes. If FILE has errors, all of them are reported,\n"
	    "and the exit code is 78.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration; see 'dragoman help defaultconfig'\n"
	    "  --print-json       print addresses and rooms as one line of JSON, for scripts\n"
	    "\n"
	    "FILE can name other files: a secret for each account (secret_file), and a folder "
	    "that\n"
	    "keeps message ids unique over restarts (state). Relative paths start at FILE's "
	    "folder.\n"
	    "Under systemd it says when it is ready, takes sockets and credentials that it is\n"
	    "passed, and feeds the watchdog: see ENVIRONMENT in dragoman(1).\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman run -c /etc/dragoman/dragoman.cfg\n"
	    "  kill -USR1 PID      # print the counters\n"
	    "  kill -TERM PID      # graceful shutdown\n"
	    "\n" SIGNALS_HELP,
	[COMMAND_CHECK] =
	    "Usage: dragoman check -c FILE [--state]\n"
	    "\n"
	    "Reads a configuration without starting anything, and prints every error as\n"
	    "'file:line: error: what is wrong' to standard error. When there is none, it warns of\n"
	    "probable mistakes, as 'file:line: warning: ...': listening beyond loopback with "
	    "empty\n"
	    "hosts or without TLS, an empty state, running as root. Exits with 0 when FILE has no\n"
	    "errors, with 78 when it has.\n"
	    "\n"
	    "With --state it then checks what is stored, beside a running server, too: every page\n"
	    "and the checksum of every row. It prints each damaged row, by its table and key, and\n"
	    "changes nothing. Exits with 1 when something is damaged, or cannot be read.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration; see 'dragoman help defaultconfig'\n"
	    "  --state            check what is stored in its state, too\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman check -c dragoman.cfg\n"
	    "  dragoman check -c dragoman.cfg --state\n",
	[COMMAND_ROUTES] =
	    "Usage: dragoman routes -c FILE [--try JSON]\n"
	    "       dragoman routes -c FILE --dialect D --room R [--kind K] [--from NAME]\n"
	    "                       [--role ROLE] [--text T]\n"
	    "\n"
	    "Shows the routes of a configuration. With an event, shows which route decides, why\n"
	    "each one before does not match, and what each destination would receive.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration\n"
	    "  --try JSON         an event, in the form that backends see; see "
	    "dragoman-backend(7)\n"
	    "  --dialect D        where it comes from: mixer, concord, rooms, simple, backend\n"
	    "                     or upstream\n"
	    "  --room R           name of the room it is sent to\n"
	    "  --kind K           its kind, message by default\n"
	    "  --from NAME        name of its author\n"
	    "  --role ROLE        a role of its author\n"
	    "  --text T           its text\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman routes -c dragoman.cfg\n"
	    "  dragoman routes -c dragoman.cfg --dialect simple --room lobby --text '!roll'\n"
	    "  dragoman routes -c dragoman.cfg --try '{\"kind\":\"message\",\"room\":\"lobby\",\n"
	    "      "
	    "\"text\":\"hi\",\"author\":{\"name\":\"ann\"},\"origin\":{\"dialect\":\"mixer\"}}'\n",
	[COMMAND_MATRIX] =
	    "Usage: dragoman matrix [-c FILE --room ROOM [--route ROUTE]] [--pair A,B] [--json]\n"
	    "       dragoman matrix --markdown\n"
	    "\n"
	    "Shows what becomes of each kind of event on its way from one dialect to another: in\n"
	    "the dialect's own words, as a text, as a sentence of the server, or not at all. It "
	    "is\n"
	    "what the codecs declare, and are tested for; no server is looked at.\n"
	    "\n"
	    "Options:\n"
	    "  --pair A,B  from A to B only: also from and to servers that are upstreams, and "
	    "each\n"
	    "              field that does not come through exactly, by which rule or why\n"
	    "  --room ROOM as this room of the configuration shows it (directive shows)\n"
	    "  --route ROUTE  and this route, by its name or its number (1 is the first), has\n"
	    "              what it decides about shown there (its directive shows)\n"
	    "  --config FILE, -c FILE  the configuration\n"
	    "  --json      all of it as one line of JSON, for scripts\n"
	    "  --markdown  the table of README\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman matrix\n"
	    "  dragoman matrix --pair mixer,rooms\n"
	    "  dragoman matrix -c dragoman.cfg --room lobby\n"
	    "  dragoman matrix -c dragoman.cfg --room lobby --route commands\n",
	[COMMAND_TRANSLATE] =
	    "Usage: dragoman translate --from D --to D[,D] [--as client|server] [-c FILE]\n"
	    "                          [--room R] [--envelope] [--explain] [--json] [--time MS]\n"
	    "       dragoman translate --to D[,D] --replay FILE [...]\n"
	    "\n"
	    "Shows how frames of one dialect come out in others: by the server's own code, in\n"
	    "memory, without network. Reads one frame a line from standard input; prints the\n"
	    "frames that clients of each dialect after --to get, and on standard error what is\n"
	    "lost or said in other words. The same input has the same output.\n"
	    "\n"
	    "Lines: FRAME, NAME: FRAME, NAME@ROLE: FRAME (with that role in the room), NAME:\n"
	    "(comes in), NAME: leaves. Each name is a user, who comes in at the first line.\n"
	    "\n"
	    "Options:\n"
	    "  --from D           the dialect of the frames: mixer, concord, rooms, simple\n"
	    "  --to D[,D]         the dialects they are to be shown in\n"
	    "  --as client        they are what clients send; the default\n"
	    "  --as server        they are what a server of the dialect sends to its clients\n"
	    "  -c, --config FILE  a configuration, whose rooms and rules hold. Its accounts and\n"
	    "                     backends are not there; everybody is let in\n"
	    "  --room R           the room; the first of the configuration by default\n"
	    "  --envelope         print what stands between the dialects, too, as backends see it\n"
	    "  --explain          say how each frame is read, which rule decides, how it is shown\n"
	    "  --json             print lines of JSON: line, to, frame, outcome\n"
	    "  --replay FILE      read a capture (dragoman capture) in place of standard input\n"
	    "  --time MS          the clock at the first line, ms since 1970; 2026 by default\n"
	    "\n"
	    "Exit codes: 0 all of it was taken; 1 something was refused or malformed; 2, 78 as\n"
	    "ever.\n"
	    "\n"
	    "Examples:\n"
	    "  echo '{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hello\"}' |\n"
	    "      dragoman translate --from simple --to mixer,concord,rooms\n",
	[COMMAND_BACKEND_TEST] =
	    "Usage: dragoman backend-test ENDPOINT [--bind] [--name NAME] [--seconds N]\n"
	    "                             [--login NAME] [--secret S] [--number N] [--dialect D]\n"
	    "\n"
	    "Tests a backend: acts as the server, by the protocol of dragoman-backend(7), and\n"
	    "reports line by line what the backend does right and wrong. Connects to ENDPOINT,\n"
	    "where the backend listens, or with --bind listens there for it. Exits with 0 when "
	    "all\n"
	    "tests pass, with 1 when one fails or no backend connects.\n"
	    "\n"
	    "Options:\n"
	    "  --bind        listen at ENDPOINT instead of connecting\n"
	    "  --name NAME   the name the backend has to send; any by default\n"
	    "  --seconds N   timeout for its READY, 10 by default\n"
	    "  --login NAME, --secret S, --number N, --dialect D\n"
	    "                credentials to ask about, for a backend that authenticates logins;\n"
	    "                its answer is printed. The dialect is simple by default\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman backend-test --bind ipc:///tmp/moderation.sock\n"
	    "  dragoman backend-test tcp://127.0.0.1:7020 --name moderation\n"
	    "  dragoman backend-test --bind ipc:///tmp/doors.sock --login al --secret sesame\n",
	[COMMAND_KEYGEN] =
	    "Usage: dragoman keygen NAME\n"
	    "\n"
	    "Makes a pair of CURVE keys: NAME.key, the secret key, which only its owner can read,\n"
	    "and NAME.pub, the public key for the other side. Existing files are never\n"
	    "overwritten.\n"
	    "\n"
	    "Example:\n"
	    "  dragoman keygen server && dragoman keygen moderation\n",
	[COMMAND_PASSWD] =
	    "Usage: dragoman passwd [--memory-mib N] [--passes N] [FILE]\n"
	    "\n"
	    "Makes the argon2id hash of an account's secret, to stand in its secret_file or as "
	    "its\n"
	    "secret_hash. Asks for the secret twice, without showing it; reads one line when\n"
	    "standard input is no terminal. Writes the hash into FILE, of mode 600, in place of\n"
	    "what is there; prints it without FILE.\n"
	    "\n"
	    "Options:\n"
	    "  --memory-mib N  memory that comparing a secret with it takes, 1 to 256 MiB; 19 by\n"
	    "                  default\n"
	    "  --passes N      passes over this memory, 2 by default. More memory or passes make\n"
	    "                  guessing, and each login, more expensive. Their product is at most\n"
	    "                  1024\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman passwd ann.secret\n"
	    "  printf '%s\\n' \"$SECRET\" | dragoman passwd --memory-mib 64\n",
	[COMMAND_DEFAULTCONFIG] =
	    "Usage: dragoman defaultconfig\n"
	    "\n"
	    "Prints a commented configuration to standard output: every directive with its\n"
	    "default. A directive that a configuration leaves out has the value shown there,\n"
	    "unless its line is marked as an example.\n"
	    "\n"
	    "Example:\n"
	    "  dragoman defaultconfig > dragoman.cfg\n"
	    "\n"
	    "Directives (dragoman.cfg(5) explains them):\n",
	[COMMAND_COMPLETION] =
	    "Usage: dragoman completion SHELL\n"
	    "\n"
	    "Prints the completion of this command line for a shell, bash or zsh. 'make install'\n"
	    "and the Debian package put it where the shell finds it.\n"
	    "\n"
	    "Examples:\n"
	    "  . <(dragoman completion bash)\n"
	    "  dragoman completion zsh > ~/.zfunc/_dragoman    # a folder of fpath\n",
	[COMMAND_VERSION] = "Usage: dragoman version\n"
			    "\n"
			    "Prints the name and version of this program.\n",
};

static void print_overview(FILE *stream)
{
	struct command_row row;

	fputs("Dragoman is a chat server: clients of different dialects meet in the same rooms.\n"
	      "\n"
	      "Usage: dragoman COMMAND [OPTIONS]\n"
	      "\n"
	      "Commands:\n",
	      stream);
	for (size_t i = 0; i < COMMAND_COUNT && commands_row(i, &row); i++) {
		int width = fprintf(stream, "  %s%s", row.name, row.usage);

		if (width > OVERVIEW_WIDTH - 2)
			width = fprintf(stream, "\n") - 1;
		fprintf(stream, "%*s%s\n", OVERVIEW_WIDTH - width, "", row.brief);
	}
	fputs("\nCommands on a running server (-c FILE or --control PATH say which, --json prints "
	      "JSON):\n",
	      stream);
	words_overview(stream);
	fputc('\n', stream);
}

void arguments_help(enum command command, FILE *stream)
{
	if (command == COMMAND_HELP)
		print_overview(stream);
	fputs(help_texts[command], stream);
	if (command == COMMAND_DEFAULTCONFIG)
		directives_print(known_names(), stream);
}
