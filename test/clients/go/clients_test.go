// Package clients does what an application does that is built on golang.org/x/oauth2. The steps are those of servers.ts.
package clients

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

var settings struct {
	SignInURL string
	Clients   map[string]setting
}

type setting struct {
	AuthURL, AllowedURL, ForbiddenURL, RedirectURI, ClientID, ClientSecret string
}

func TestOauth2(t *testing.T) {
	if err := json.Unmarshal([]byte(os.Getenv("CLIENT_SETTINGS")), &settings); err != nil {
		t.Fatal("CLIENT_SETTINGS is no JSON")
	}
	client := newClient(settings.Clients["golang.org/x/oauth2"])

	t.Run("signs in and exchanges the code", func(t *testing.T) {
		token := client.tokens(t)
		if token.AccessToken == "" || token.RefreshToken == "" || token.Type() != "Bearer" {
			t.Error("a token is missing")
		}
	})

	t.Run("makes a call with the access token", func(t *testing.T) {
		client.gets(t, client.tokens(t), client.AllowedURL, 200)
	})

	t.Run("refreshes the access token", func(t *testing.T) {
		old := client.tokens(t)
		renewed, err := client.refresh(old.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		if renewed.AccessToken == old.AccessToken || renewed.RefreshToken == old.RefreshToken {
			t.Error("a token is the old one")
		}
		client.gets(t, renewed, client.AllowedURL, 200)
	})

	t.Run("tells of a wrong code", func(t *testing.T) {
		_, err := client.exchange("wrong")
		isInvalidGrant(t, err)
	})

	t.Run("tells of an ended refresh token", func(t *testing.T) {
		token := client.tokens(t).RefreshToken
		client.revoke(t, token)
		_, err := client.refresh(token)
		isInvalidGrant(t, err)
	})

	t.Run("tells of a refused call", func(t *testing.T) {
		token := client.tokens(t)
		client.gets(t, token, client.ForbiddenURL, 403)
		client.gets(t, &oauth2.Token{AccessToken: "wrong"}, client.AllowedURL, 401)
	})
}

// A confidential client with PKCE and a state.
type client struct {
	setting
	config   oauth2.Config
	verifier string
	context  context.Context
}

func newClient(from setting) client {
	return client{
		setting: from,
		config: oauth2.Config{
			ClientID:     from.ClientID,
			ClientSecret: from.ClientSecret,
			RedirectURL:  from.RedirectURI,
			Scopes:       []string{"devices:read"},
			Endpoint: oauth2.Endpoint{
				AuthURL:  from.AuthURL + "/oauth/authorize",
				TokenURL: from.AuthURL + "/oauth/token",
			},
		},
		verifier: oauth2.GenerateVerifier(),
		context:  context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Timeout: 10 * time.Second}),
	}
}

// A whole flow up to the tokens. Whoever started this plays a person's part, and answers where the browser came back.
func (c client) tokens(t *testing.T) *oauth2.Token {
	t.Helper()
	state := oauth2.GenerateVerifier()
	start := c.config.AuthCodeURL(state, oauth2.S256ChallengeOption(c.verifier))
	answer, err := http.Post(settings.SignInURL, "text/plain", strings.NewReader(start))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer.Status, string(body), err)
	}
	callback, err := url.Parse(string(body))
	if err != nil || callback.Query().Get("state") != state {
		t.Fatal("the state did not come back", err)
	}
	token, err := c.exchange(callback.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (c client) exchange(code string) (*oauth2.Token, error) {
	return c.config.Exchange(c.context, code, oauth2.VerifierOption(c.verifier))
}

// The library refreshes by itself when there is no living access token.
func (c client) refresh(refreshToken string) (*oauth2.Token, error) {
	return c.config.TokenSource(c.context, &oauth2.Token{RefreshToken: refreshToken}).Token()
}

func (c client) revoke(t *testing.T, token string) {
	t.Helper()
	form := url.Values{"token": {token}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}}
	answer, err := http.PostForm(c.AuthURL+"/oauth/revoke", form)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Fatal(answer.Status)
	}
}

func (c client) gets(t *testing.T, token *oauth2.Token, at string, status int) {
	t.Helper()
	answer, err := c.config.Client(c.context, token).Get(at)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != status {
		t.Errorf("%d and not %d", answer.StatusCode, status)
	}
}

func isInvalidGrant(t *testing.T, err error) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
		t.Errorf("%v is no invalid_grant", err)
	}
}
