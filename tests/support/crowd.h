/* crowd.h - four workers, each on a thread of its own that its mail wakes, as in the real server,
 * with many clients that exist only in memory. Each thread has a stage of its own (see stage.h),
 * on which its worker is alone; it is always held, because the thread gives the turns.
 *
 * A person is a number that says all about them: dialect, room, plan. Person 12 is named "u12",
 * and the third message they say is "m12.3". Everybody notes what they hear; the test looks at
 * the notes when the threads have ended. */
#ifndef TESTS_SUPPORT_CROWD_H
#define TESTS_SUPPORT_CROWD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/judge.h"
#include "tests/support/stage.h"

#define CROWD_WORKERS    4
#define CROWD_ROOMS_MAX  2
#define CROWD_STEADY     200 /* people 0 to 199, who stay all the time */
#define CROWD_PUBLISHERS 20  /* of these */
#define CROWD_SAYINGS    50  /* of each publisher; then the last words, of each reference */
#define CROWD_CHURNERS   50  /* who come and go meanwhile */
#define CROWD_LIVES      4   /* of each, one after the other, each as somebody else */

enum plan {
	PLAN_STAY,
	PLAN_LEAVE,
	PLAN_KICK,   /* to be kicked */
	PLAN_BAN,    /* to be kicked for good */
	PLAN_RETURN, /* was kicked for good, and tries once more */
	PLAN_TWIN,   /* somebody's second connection, on another worker */
	PLAN_WALK    /* enters and leaves rooms by frames, and is kicked out of some */
};

enum note_kind {
	NOTE_SAID,   /* a message */
	NOTE_IN,     /* somebody (rooms: only themselves) entered */
	NOTE_OUT,    /* simple only: somebody left, or was kicked */
	NOTE_KICKED, /* they themselves were */
	NOTE_ASKED,  /* walkers: they asked to enter; not heard, but done */
	NOTE_LEFT    /* walkers: they asked to leave */
};

struct note {
	enum note_kind kind;
	unsigned person, count; /* who; which of their messages */
	size_t room;
};

/* One connection. Its thread's alone, while that runs. */
struct visitor {
	struct visitor *next;
	struct driver *driver;
	struct stage_client *client;
	const struct transport *below; /* the stage's, of this client */
	unsigned person;
	size_t dialect;
	struct room_entry *room; /* where they speak */
	enum plan plan;
	unsigned lives; /* that follow this one */
	unsigned wait, steps, said;
	uint32_t number;
	char uuid[UUID_TEXT_LEN + 1];
	bool settled, ordered, kicked, over;
	struct note *notes; /* what they heard, in order */
	size_t note_count, note_capacity;
};

/* What a thread is to do between two turns of its worker. */
struct command {
	struct command *next;
	void (*run)(struct driver *, const struct command *);
	struct visitor *visitor;
	struct room_entry *room;
	struct envelope *event;
};

/* One worker's thread. */
struct driver {
	struct crowd *crowd;
	struct worker *worker;
	pthread_t thread;
	pthread_mutex_t lock; /* of woken, asleep, commands and last */
	pthread_cond_t news;
	bool woken, asleep;
	struct command *commands, **last;
	struct bridge part; /* the bridge, with this worker alone */
	struct stage *stage;
	struct visitor *visitors;
	struct judge *judge; /* of the backend that this worker owns; NULL: none */
	bool publishing, stopped;
	bool again, restless; /* takes another turn at once, or soon; else only for mail */
	uint32_t random;
};

struct crowd {
	struct stage *stage; /* the whole bridge; not to be used while threads run */
	const struct bridge *bridge;
	struct driver drivers[CROWD_WORKERS];
	unsigned lives; /* of all churners together */
	atomic_uint persons, settled, alive, lives_ended, published, last_words;
};

/* Opens a bridge and starts the threads. rooms: 1, or 2 with different owners. asked: every message
 * is asked about and copied by two backends of different workers. Fails when it cannot. Returns
 * new. */
struct crowd *crowd_open(unsigned rooms, bool asked);

/* The steady people come, those of crowd_reference() first. Waits until all are in; after a minute
 * it fails with an explanation, and the crowd is lost. */
void crowd_gather(struct crowd *crowd);

/* The publishers say what they have to say, and at the same time, if churn, the churners come and
 * go, each time as somebody new. Then the references say their last words. Waits, in the same way,
 * until these are heard. */
void crowd_act(struct crowd *crowd, bool churn);

/* Everybody leaves, the threads end, and stage_balance() looks at the books. */
void crowd_end(struct crowd *crowd);
void crowd_free(struct crowd *crowd);

/* Who is in that room all the time, hears of everybody, and so is the measure for it. */
unsigned crowd_reference(size_t room);

/* Says the person CROWD_SAYINGS messages? Each dialect has as many. */
bool crowd_publishes(unsigned person);

/* The index of the room they speak in, if they stay there. */
size_t crowd_room(const struct crowd *crowd, unsigned person);

/* Does what is said in that room reach them, if they are where they mean to be? */
bool visitor_hears(const struct visitor *visitor, size_t room);

/* ---- between the files of the crowd, on the thread of the driver or visitor ---- */

/* Any thread. Borrows what. */
void driver_tell(struct driver *driver, const struct command *what);

/* Any thread. The visitor comes on that thread. Takes it. */
void driver_bring(struct driver *driver, struct visitor *visitor);

/* Any thread. lives: how many follow. Returns new. */
struct visitor *visitor_new(struct crowd *crowd, unsigned person, unsigned lives);

/* Connects. Takes the visitor. */
void visitor_come(struct driver *driver, struct visitor *visitor);

/* Does what is due in this turn. */
void visitor_act(struct visitor *visitor);

/* Says the next message. */
void visitor_say(struct visitor *visitor, const struct room_entry *room);

/* From now on what the connection is sent is heard. */
void visitor_open_ears(struct visitor *visitor);

void visitor_note(struct visitor *visitor, enum note_kind kind, unsigned person, unsigned count,
		  size_t room);

/* Notes what must not be as the fault of the thread's stage. */
void visitor_fault(struct visitor *visitor, const char *what, const char *text);

#endif
