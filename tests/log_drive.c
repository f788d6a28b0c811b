/* log_drive.c - the engine of a cluster over NATS, driven by a scenario:
 * tests/system/cluster_log.py.
 *
 *   log_drive NAME NODE REPLICAS SERVER...
 *
 * The environment may have USER_NAME, PASSWORD_FILE, NKEY_FILE, CREDENTIALS_FILE, TLS_CA. Reads
 * lines, and prints an object of JSON in a line for each event:
 *
 *   append SHARD TAG TEXT
 *   fill SHARD COUNT BYTES PACE  appends, one under way, each again until it is known to be stored;
 *                                every so many milliseconds, 0: at once. Prints "filled"
 *   stop SHARD                   the fill has enough
 *   read SHARD TAG FROM MOST LEADER      purge SHARD TAG BELOW
 *   send NODE TEXT               look
 *   hush 0|1                     what is live is not printed
 *
 * Ends at the end of its input. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/cluster/engine_nats.h"
#include "bridge/store/steady.h"

#define SHARDS   16
#define FILL_TAG UINT64_C(1000000000)

struct fill {
	unsigned left, stored, pace_ms;
	bool due; /* the next one, when its time comes */
	uint64_t sent_ms;
	size_t size;
	char *bytes;
	uint64_t begun_ms;
};

struct drive {
	struct cluster_log *log;
	pthread_mutex_t lock;
	struct fill fills[SHARDS];
	bool hushed, over;
};

static void print_text(const unsigned char *bytes, size_t len)
{
	size_t shown = len < 64 ? len : 64;

	printf("\"len\":%zu,\"text\":\"", len);
	for (size_t i = 0; i < shown; i++)
		putchar(bytes[i] < 0x20 || bytes[i] > 0x7e || bytes[i] == '"' || bytes[i] == '\\'
			    ? '?'
			    : bytes[i]);
	putchar('"');
}

static void print_records(const struct log_event *event)
{
	printf("\"records\":[");
	for (size_t i = 0; i < event->record_count; i++) {
		const struct log_record *record = &event->records[i];

		printf("%s{\"sequence\":%" PRIu64 ",\"before\":%" PRIu64 ",", i ? "," : "",
		       record->sequence, record->before);
		print_text(record->bytes, record->len);
		putchar('}');
	}
	printf("]");
}

static void print_event(const struct log_event *event)
{
	static const char *const kinds[] = { "state",  "appended", "range",
					     "purged", "live",     "message" };
	static const char *const results[] = { "ok", "unknown", "refused" };
	static const char *const states[] = { "away", "ready", "unfit" };

	printf("{\"kind\":\"%s\",\"result\":\"%s\",\"shard\":%u,\"tag\":%" PRIu64
	       ",\"from\":%" PRIu64 ",\"sequence\":%" PRIu64 ",\"end\":%s,\"leader\":%s,",
	       kinds[event->kind], results[event->result], event->shard, event->tag, event->from,
	       event->sequence, event->end ? "true" : "false", event->leader ? "true" : "false");
	if (event->kind == LOG_STATE)
		printf("\"state\":\"%s\",\"text\":\"%s\"", states[event->state], event->text);
	else if (event->kind == LOG_MESSAGE)
		print_text(event->bytes, event->len);
	else
		print_records(event);
	printf("}\n");
}

/* The next of a fill: the same again until it is known to be stored. */
static void fill_next(struct drive *drive, unsigned shard, const struct log_event *event)
{
	struct fill *fill = &drive->fills[shard];

	if (event && event->result == LOG_OK) {
		fill->stored++;
		fill->left--;
	}
	if (!fill->left) {
		printf("{\"kind\":\"filled\",\"shard\":%u,\"stored\":%u,\"ms\":%" PRIu64 "}\n",
		       shard, fill->stored, steady_ms() - fill->begun_ms);
		return;
	}
	fill->due = event && fill->pace_ms;
	if (fill->due)
		return;
	fill->sent_ms = steady_ms();
	snprintf(fill->bytes, fill->size, "%u.%u", shard, fill->left);
	drive->log->append(drive->log, shard, FILL_TAG + shard, fill->bytes, fill->size);
}

static void heard(void *context, const struct log_event *event)
{
	struct drive *drive = context;

	pthread_mutex_lock(&drive->lock);
	if (event->kind == LOG_APPENDED && event->tag >= FILL_TAG)
		fill_next(drive, event->shard, event);
	else if (event->kind != LOG_LIVE || !drive->hushed)
		print_event(event);
	fflush(stdout);
	pthread_mutex_unlock(&drive->lock);
}

/* A thread: sends what is due. */
static void *pace(void *context)
{
	struct drive *drive = context;
	bool over = false;

	while (!over) {
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
		pthread_mutex_lock(&drive->lock);
		for (unsigned i = 0; i < SHARDS; i++)
			if (drive->fills[i].due &&
			    steady_ms() - drive->fills[i].sent_ms >= drive->fills[i].pace_ms)
				fill_next(drive, i, NULL);
		fflush(stdout);
		over = drive->over;
		pthread_mutex_unlock(&drive->lock);
	}
	return NULL;
}

static void begin_fill(struct drive *drive, unsigned shard, unsigned count, size_t size,
		       unsigned pace_ms)
{
	struct fill *fill = &drive->fills[shard];

	free(fill->bytes);
	*fill = (struct fill){ .left = count, .pace_ms = pace_ms, .size = size < 32 ? 32 : size };
	fill->bytes = calloc(1, fill->size);
	fill->begun_ms = steady_ms();
	if (!fill->bytes)
		abort();
	fill_next(drive, shard, NULL);
}

static void print_figures(const struct drive *drive)
{
	struct log_figures now;

	drive->log->look(drive->log, &now);
	printf("{\"kind\":\"figures\",\"appends\":%" PRIu64 ",\"bytes\":%" PRIu64
	       ",\"append_us\":%" PRIu64 ",\"failures\":%" PRIu64 ",\"live\":%" PRIu64
	       ",\"reads\":%" PRIu64 ",\"read_records\":%" PRIu64 ",\"reconnects\":%" PRIu64
	       ",\"dropped\":%" PRIu64 ",\"waiting\":%" PRIu64 ",\"asked\":%" PRIu64 "}\n",
	       now.appends, now.append_bytes, now.append_us, now.failures, now.live, now.reads,
	       now.read_records, now.reconnects, now.dropped, now.waiting_bytes, now.asked);
	fflush(stdout);
}

static void obey(struct drive *drive, char *line)
{
	char word[16] = "", *text;
	unsigned long long a = 0, b = 0, c = 0, d = 0, e = 0;
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	(void)sscanf(line, "%15s %llu %llu %llu %llu %llu", word, &a, &b, &c, &d, &e);
	if (strcmp(word, "append") == 0) {
		(void)sscanf(line, "%*s %*u %*u %n", &at);
		text = line + at;
		drive->log->append(drive->log, (unsigned)a % SHARDS, b, text, strlen(text));
	} else if (strcmp(word, "send") == 0) {
		(void)sscanf(line, "%*s %*u %n", &at);
		text = line + at;
		(void)drive->log->send(drive->log, (unsigned)a, text, strlen(text));
	} else if (strcmp(word, "read") == 0) {
		drive->log->read(drive->log, (unsigned)a % SHARDS, b, c, (size_t)d, e != 0);
	} else if (strcmp(word, "purge") == 0) {
		drive->log->purge(drive->log, (unsigned)a % SHARDS, b, c);
	} else {
		pthread_mutex_lock(&drive->lock);
		if (strcmp(word, "fill") == 0)
			begin_fill(drive, (unsigned)a % SHARDS, (unsigned)b, (size_t)c,
				   (unsigned)d);
		else if (strcmp(word, "stop") == 0)
			drive->fills[a % SHARDS].left = 1;
		else if (strcmp(word, "look") == 0)
			print_figures(drive);
		else if (strcmp(word, "hush") == 0)
			drive->hushed = a != 0;
		pthread_mutex_unlock(&drive->lock);
	}
}

static const char *from_environment(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

int main(int argc, char **argv)
{
	struct drive drive = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct log_listener listener = { heard, &drive };
	struct engine_nats_options options = { .shards = SHARDS };
	char *line = NULL;
	size_t size = 0;
	pthread_t pacer;

	if (argc < 5)
		return 2;
	options.name = argv[1];
	options.node = (unsigned)atoi(argv[2]);
	options.replicas = atoi(argv[3]);
	options.servers = (const char *const *)&argv[4];
	options.server_count = (size_t)argc - 4;
	options.user = from_environment("USER_NAME");
	options.password_file = from_environment("PASSWORD_FILE");
	options.nkey_file = from_environment("NKEY_FILE");
	options.credentials_file = from_environment("CREDENTIALS_FILE");
	options.tls_ca = from_environment("TLS_CA");
	options.tls_certificate = options.tls_key = "";
	pthread_mutex_lock(&drive.lock);
	drive.log = engine_nats_open(&options, &listener, stderr);
	pthread_mutex_unlock(&drive.lock);
	if (!drive.log)
		return 1;
	if (pthread_create(&pacer, NULL, pace, &drive) != 0)
		abort();
	while (getline(&line, &size, stdin) > 0)
		obey(&drive, line);
	pthread_mutex_lock(&drive.lock);
	drive.over = true;
	pthread_mutex_unlock(&drive.lock);
	pthread_join(pacer, NULL);
	drive.log->close(drive.log);
	for (unsigned i = 0; i < SHARDS; i++)
		free(drive.fills[i].bytes);
	free(line);
	return 0;
}
