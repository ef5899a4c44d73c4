/*
 * ClickHouseUrl: which ClickHouse database is meant, as users write it:
 *
 *     clickhouse[s]://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...]/DATABASE[?NAME=VALUE[&...]]
 *
 * The port is that of ClickHouse's HTTP interface: 8123, or 8443 with TLS (clickhouses).  An IPv6
 * address is in brackets.  Names: `password-file`, `ca` (PEM, who signed the servers' certificates)
 * and `cluster` (over whose shards tables are made).  Errors never quote a password.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum { CLICKHOUSE_HOSTS_MAX = 64 };

#define CLICKHOUSE_PASSWORD_VARIABLE "RUNG_CLICKHOUSE_PASSWORD"

typedef struct {
  bool is_tls;
  char **hosts;      /* "192.0.2.1:8123", ended by NULL; at least one */
  char *user;        /* "default" if none is named */
  char *password;    /* may be empty */
  char *database;    /* letters, digits and _ */
  char *authorities; /* a file; NULL: those of the system */
  char *cluster;     /* letters, digits, _, - and .; NULL: tables are on one server */
} ClickHouseUrl;

bool clickhouse_url_is_one(const char *text);

/* Reads the file of the password, if one is named; without one, and without a password in the text,
 * it is that of the environment variable. */
G_GNUC_WARN_UNUSED_RESULT bool clickhouse_url_parse(const char *text, ClickHouseUrl *ret_url,
                                                    GError **error);
void clickhouse_url_clear(ClickHouseUrl *url);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ClickHouseUrl, clickhouse_url_clear)

/* Overwrites the password in the text with `x`, so that ps(1) does not show it. */
void clickhouse_url_hide_password(char *text);
