"""A client with python3-socketio: logs in and writes what it hears, one JSON array a line.

usage: python_client.py URL CA_FILE default|websocket|polling USER, the token on standard input;
ends in order when standard input does.
"""
import functools
import json
import sys

import requests
import socketio
import websocket

url, ca_file, transports, user = sys.argv[1:]
token = sys.stdin.readline().strip()
# This library's Origin says http:// also over TLS, which is not the server's own.
websocket.create_connection = functools.partial(websocket.create_connection, suppress_origin=True)
session = requests.Session()
session.trust_env = False
session.verify = ca_file
client = socketio.Client(http_session=session)


def tell(*event):
    # One write: several threads tell, and their lines may not mix.
    sys.stdout.write(json.dumps(event) + '\n')
    sys.stdout.flush()


@client.event
def connect():
    client.emit('login', {'accessKeyId': user, 'token': token})
    client.emit('ping', callback=lambda: tell('ping acknowledged'))


@client.on('*')
def any_event(name, *arguments):
    tell(name, *arguments)


client.connect(url, socketio_path='/api/ws/', transports=None if transports == 'default' else [transports])
sys.stdin.read()
client.disconnect()
