/* logger - prints what a tap feeds: one line for each event, the topic and the envelope.
 *
 *   gcc -o build/examples/logger contrib/examples/logger.c -lzmq
 *   build/examples/logger tcp://127.0.0.1:7010 [TOPIC-PREFIX]
 *
 * A topic is ROOM/KIND, such as "lobby/message". Needs Debian's libzmq3-dev. */
#include <stdio.h>
#include <string.h>
#include <zmq.h>

int main(int argc, char **argv)
{
	const char *prefix = argc > 2 ? argv[2] : "";
	void *context, *socket;
	static char topic[256], event[1048576];

	if (argc < 2) {
		fprintf(stderr, "usage: logger ENDPOINT [TOPIC-PREFIX]\n");
		return 2;
	}
	context = zmq_ctx_new();
	socket = zmq_socket(context, ZMQ_SUB);
	if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, prefix, strlen(prefix)) != 0 ||
	    zmq_connect(socket, argv[1]) != 0) {
		fprintf(stderr, "logger: %s: %s\n", argv[1], zmq_strerror(zmq_errno()));
		return 1;
	}
	for (;;) {
		int topic_len = zmq_recv(socket, topic, sizeof(topic), 0);
		int event_len = zmq_recv(socket, event, sizeof(event), 0);

		if (topic_len < 0 || event_len < 0)
			return 1;
		printf("%.*s %.*s\n",
		       topic_len < (int)sizeof(topic) ? topic_len : (int)sizeof(topic), topic,
		       event_len < (int)sizeof(event) ? event_len : (int)sizeof(event), event);
		fflush(stdout);
	}
}
