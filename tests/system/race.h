/* race.h - the race of who joins with who speaks, for swarm.c. */
#ifndef TESTS_SYSTEM_RACE_H
#define TESTS_SYSTEM_RACE_H

/* Lets joins clients of each dialect come and go, a few at a time, while one of each dialect
 * speaks. The moment that a client is told it is in (the 101; mixer: the reply to auth), one of
 * the speakers says something: that, and all that is said later, must come to it, once and in
 * order. Prints a line of JSON, with how many of them missed something; fails on whatever else is
 * wrong. To be called before any other client is opened. */
void race_run(unsigned joins);

#endif
