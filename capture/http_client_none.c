/* Without libcurl. */
#include "capture/http_client.h"

const char *http_client_library(void)
{
  return NULL;
}

HttpClient *http_client_new(const HttpOptions *options)
{
  (void) options;
  return NULL;
}

void http_client_free(HttpClient *client)
{
  (void) client;
}

void http_client_post(HttpClient *client, const char *url, Slice body)
{
  (void) client;
  (void) url;
  (void) body;
  g_assert_not_reached();
}

bool http_client_step(HttpClient *client, int wait_ms, HttpAnswer *ret_answer)
{
  (void) client;
  (void) wait_ms;
  (void) ret_answer;
  g_assert_not_reached();
}

void http_client_wake(HttpClient *client)
{
  (void) client;
}
