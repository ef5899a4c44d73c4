/* Through libcurl's multi interface, which does not wait. */
#include <curl/curl.h>

#include "capture/http_driver.h"
#include "capture/module.h"

enum { CONNECT_MS = 5000, SILENT_S = 60, STATUS_OK = 200 };

typedef struct {
  CURLM *multi;
  CURL *easy;
  struct curl_slist *headers;
  GString *answer;
  HttpTake take; /* or NULL; called with */
  void *take_data;
  char fault[CURL_ERROR_SIZE];
} Client;

/* A short count is a failure to libcurl. */
static size_t take_answer(char *data, size_t size, size_t count, void *to)
{
  Client *client = to;
  size_t len = size * count;
  long status = 0;

  if (client->take)
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status == STATUS_OK)
    return client->take(client->take_data, slice_of(data, len)) ? len : 0;
  if (len > HTTP_ANSWER_MAX - client->answer->len)
    return 0;
  g_string_append_len(client->answer, data, (gssize) len);
  return len;
}

static void *client_new(const HttpOptions *options)
{
  Client *client = g_new0(Client, 1);
  bool ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;

  client->multi = curl_multi_init();
  CURL *easy = client->easy = curl_easy_init();
  g_assert(ok && client->multi && easy); /* there is memory */
  client->answer = g_string_new(NULL);
  /* without "Expect: 100-continue", which costs a round trip */
  client->headers = curl_slist_append(NULL, "Expect:");
  client->headers = curl_slist_append(client->headers, "Content-Type: application/octet-stream");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "rung");
  curl_easy_setopt(easy, CURLOPT_USERNAME, options->user);
  curl_easy_setopt(easy, CURLOPT_PASSWORD, options->password);
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  if (options->authorities)
    curl_easy_setopt(easy, CURLOPT_CAINFO, options->authorities);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) CONNECT_MS);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) SILENT_S);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->fault);
  return client;
}

static void client_free(void *state)
{
  Client *client = state;

  (void) curl_multi_remove_handle(client->multi, client->easy);
  curl_easy_cleanup(client->easy);
  (void) curl_multi_cleanup(client->multi);
  curl_slist_free_all(client->headers);
  g_string_free(client->answer, true);
  g_free(client);
}

static void client_post(void *state, const char *url, Slice body)
{
  Client *client = state;

  g_string_truncate(client->answer, 0);
  client->fault[0] = '\0';
  (void) curl_multi_remove_handle(client->multi, client->easy);
  curl_easy_setopt(client->easy, CURLOPT_URL, url);
  curl_easy_setopt(client->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) body.len);
  curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS, body.len > 0 ? body.data : "");
  curl_multi_add_handle(client->multi, client->easy);
}

static void client_set_take(void *data, HttpTake take, void *take_data)
{
  Client *client = data;

  client->take = take;
  client->take_data = take_data;
}

/* The request has ended. */
static HttpAnswer answer_of(Client *client, CURLcode result)
{
  long status = 0;

  if (result == CURLE_OK)
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
  return (HttpAnswer){
    .status = (unsigned) status,
    .body = slice_of(client->answer->str, client->answer->len),
    .fault = result == CURLE_OK      ? NULL
             : client->fault[0] != 0 ? client->fault
                                     : curl_easy_strerror(result),
  };
}

static bool client_step(void *state, int wait_ms, HttpAnswer *ret_answer)
{
  Client *client = state;
  int running = 0, left;

  (void) curl_multi_perform(client->multi, &running);
  if (running > 0) {
    (void) curl_multi_poll(client->multi, NULL, 0, wait_ms, NULL);
    (void) curl_multi_perform(client->multi, &running);
  }
  const CURLMsg *message = curl_multi_info_read(client->multi, &left);
  if (!message || message->msg != CURLMSG_DONE)
    return false;
  *ret_answer = answer_of(client, message->data.result);
  return true;
}

static void client_wake(void *state)
{
  Client *client = state;

  (void) curl_multi_wakeup(client->multi);
}

MODULE_EXPORT(HttpDriver) = {client_new,      client_free, client_post,
                             client_set_take, client_step, client_wake};
