/** Asked of someone who is acting and wants to the Customer Service page: does this session end now? */
import { html } from 'ghtml';

export function leavePage(subject: string, stay: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>End this session?</title>
        <link rel="stylesheet" href="/_act-as/pages.css" />
      </head>
      <body>
        <main class="card">
          <p class="seat">You are acting as <bdi>${subject}</bdi></p>
          <h1>End this session?</h1>
          <p>
            On the Customer Service page you are yourself. Going there ends your session as
            <bdi>${subject}</bdi>.
          </p>
          <div class="ways">
            <form method="post" action="/_act-as/stop">
              <button class="first" name="to" value="customer_service">
                End it and go to Customer Service
              </button>
            </form>
            <a href="${stay}">Stay as <bdi>${subject}</bdi></a>
          </div>
        </main>
      </body>
    </html> `;
}
