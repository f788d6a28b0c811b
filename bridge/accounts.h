/* accounts.h - the accounts of a configuration, with the secrets in their files. Main thread. */
#ifndef BRIDGE_ACCOUNTS_H
#define BRIDGE_ACCOUNTS_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/core/people/people.h"
#include "conf/conf.h"

/* Reads all secrets. True: *accounts are conf->account_count of them, which borrow from conf;
 * free them with accounts_free(). False after an error, which is told. */
bool accounts_read(const struct conf *conf, struct account **accounts, FILE *errors)
    __attribute__((warn_unused_result));

/* Wipes the secrets. */
void accounts_free(struct account *accounts, size_t count);

/* Tells that the directory refuses the account, and where file (borrows; NULL: a text without a
 * name) has it. */
void account_tell_taken(const struct conf_account *account, const char *file, FILE *errors);

/* At start: gives the directory bridge->conf's accounts. False after errors, which are all
 * told. */
bool accounts_make(struct bridge *bridge, FILE *errors);

#endif
