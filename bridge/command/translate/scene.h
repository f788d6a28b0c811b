/* scene.h - what a stage consists of (stage.h): the server in memory, its clients, what they were
 * sent. */
#ifndef BRIDGE_COMMAND_TRANSLATE_SCENE_H
#define BRIDGE_COMMAND_TRANSLATE_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/client/session.h"
#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/net/response.h"
#include "codecs/text/name.h"
#include "conf/conf.h"

struct stage;

/* A frame that a client was sent. */
struct stage_frame {
	struct stage_frame *next;
	size_t len;
	char text[];
};

struct stage_client {
	struct stage_client *next;
	struct stage *stage;
	struct session *session; /* NULL: gone */
	size_t dialect;
	struct mount mount;
	char name[NAME_BYTES_MAX + 1];
	unsigned place; /* 0, 1, 2 ... among all there ever were */
	struct stage_frame *frames, **frames_end;
	struct stage_frame *kept, **kept_end; /* those dropped, while the stage keeps them */
	bool ended;                           /* the server ended the connection, */
	enum close_reason why;                /* for that */
	struct slice refusal; /* the response to its upgrade request; absent: it was not refused */
	char response[RESPONSE_MAX];
};

struct stage {
	struct conf *conf;
	struct bridge *bridge;
	struct worker *worker;
	struct room_entry *room;
	struct stage_client *clients;
	unsigned count;
	uint64_t now_ms, tick_ms;
	bool keeps; /* what is dropped is kept: for replay.c, which frees it */
	struct {
		struct conf *conf;                    /* owned; NULL: none */
		struct conf_upstream *all, *replaced; /* all: owned */
		size_t replaced_count;
		struct upstream *upstream;
	} server;        /* whose frames are heard: stage_serve() */
	size_t accounts; /* of conf, whose count is 0 meanwhile */
};

#endif
