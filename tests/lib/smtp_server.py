"""A mail server with STARTTLS and a login (aiosmtpd), which tells each mail it took as a line of JSON.

usage: smtp_server.py CERTIFICATE KEY USER PASSWORD       (prints its port first, ends with its standard input)
"""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


def part_of(message, kind):
    part = message.get_body(preferencelist=(kind,))
    return part.get_content().replace('\r\n', '\n') if part else None


class Handler:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        lines = envelope.content.split(b'\r\n')
        print(json.dumps({
            'sender': envelope.mail_from, 'recipients': envelope.rcpt_tos, 'tls': session.ssl is not None, 'login': getattr(session, 'user', None),
            'headers': {name.lower(): str(value) for name, value in message.items()},
            'address': str(message['from'].addresses[0].addr_spec), 'name': message['from'].addresses[0].display_name,
            'text': part_of(message, 'plain'), 'html': part_of(message, 'html'), 'defects': [str(d) for d in message.defects],
            'longest': max(map(len, lines)), 'ascii': all(byte < 128 for byte in envelope.content),
        }), flush=True)
        return '250 taken'


class Server(Controller):
    def __init__(self, context, user, password):
        super().__init__(Handler(), hostname='127.0.0.1', port=0)
        self.context, self.login = context, (user, password)

    def factory(self):
        def check(server, session, envelope, mechanism, data):
            given = (data.login.decode(), data.password.decode())
            session.user = given[0]
            return AuthResult(success=given == self.login, handled=False)
        return SMTP(self.handler, tls_context=self.context, require_starttls=True, auth_required=True, authenticator=check)

    # The port is chosen by the system, and the one that was asked for is not connected to.
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


certificate, key, user, password = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
server = Server(context, user, password)
server.start()
print(json.dumps(server.port), flush=True)
sys.stdin.read()
server.stop()
