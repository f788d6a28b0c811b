/* copy.h - copies of what has its place in a room, or of who came and went there, for taps,
 * backends and upstreams. Called where it was ordered; events are immutable from then on, and
 * borrowed here. */
#ifndef BRIDGE_ROUTING_COPY_H
#define BRIDGE_ROUTING_COPY_H

#include "bridge/core/worker.h"
#include "routes/rules/run.h"

/* A draft that a rule brought to its room was ordered: the copies that the rule makes right behind
 * that. draft->copies must say which. */
void copy_ordered(struct worker *worker, const struct post_draft *draft,
		  const struct envelope *ordered);

/* Somebody came into a room or left: rules may tap it or send it to a backend, and backends may
 * have asked to hear of it. dialect: of the connection that came or went. */
void copy_presence(struct worker *worker, struct room_entry *room, const struct envelope *event,
		   size_t dialect);

/* The same for somebody who was kicked out, for backends that asked to hear of it. */
void copy_kick(struct worker *worker, struct room_entry *room, const struct envelope *kick);

/* Says event (borrowed) at the upstream of the run's last step, whose outcome is counted. asker:
 * who is told. False: there is no such link; it is counted as refused, and nobody told. */
bool copy_upstream(struct worker *worker, struct room_entry *room, const struct envelope *event,
		   const struct run *run, const struct asker *asker);

/* To where the step of the run's last result says, a tap or a backend. Nobody is answered. Takes
 * one count of event. */
void copy_step(struct worker *worker, struct room_entry *room, const struct envelope *event,
	       const struct run *run);

#endif
