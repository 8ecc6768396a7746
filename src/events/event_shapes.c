/* The rows of event_shape.h (cti-api 2.2 to 2.8). */
#include "events/event_shape.h"

#define TEXT          "{'type':'string'}"
#define FLAG          "{'type':'boolean'}"
#define NUMBER        "{'type':'integer'}"
#define PART(name)    "{'$ref':'#/components/schemas/" name "'}"
#define MAP(values)   "{'type':'object','additionalProperties':" values "}"
#define ONE_OF(words) "{'type':'string','enum':[" words "]}"
/* Members that are always there, and those that may be. */
#define OBJECT(required, members) \
	"{'type':'object','required':[" required "],'properties':{" members "}}"

#define TO_SOCKET     "the socket"
#define TO_USER       "the user"
#define TO_DOMAIN     "all users of the domain"
#define TO_WATCHERS   "the user, and users of the domain who may see others (`presence_panel`)"
#define TO_ADMINS     "administrators of the space"
#define TO_RELAY      "the relay"
#define FROM_PRODUCER "An object, as the producer wrote it."

const struct event_part
	event_parts[] = {
		{ "Account", OBJECT("'id','username','domain','activated','blocked'",
				     "'id':" NUMBER ",'username':" TEXT ",'domain':" TEXT
				     ",'activated':" FLAG ",'blocked':" FLAG) },
		{ "Presence",
			OBJECT("'username','status'",
				"'username':" TEXT
				",'status':{'type':'string','description':'As chosen: online, dnd, "
				"voicemail, cellphone, callforward. Of the main presence also: "
				"busy, "
				"ringing, offline.'},"
				"'to':{'type':['string','null'],'description':'Where calls go, of "
				"callforward; masked for users who may not see numbers.'}") },
		{ "Channel",
			"{'type':['object','null'],'required':['type','channel','callerNum','"
			"callerName',"
			"'startTime','bridgedNum','bridgedName','inConference','channelStatus',"
			"'bridgedChannel'],'properties':{'type':" ONE_OF(
				"'source','destination'") ",'channel':" TEXT ",'callerNum':" TEXT
							  ",'callerName':" TEXT
							  ",'startTime':" NUMBER
							  ",'bridgedNum':" TEXT
							  ",'bridgedName':" TEXT
							  ",'inConference':" FLAG
							  ",'channelStatus':" ONE_OF(
								  "'up','ring','ringing'") ",'"
											   "bridged"
											   "Channel"
											   "':" TEXT
											   "}}" },
		{ "Conversation",
			OBJECT("'id','owner','linkedId','uniqueId','queueId','chSource','chDest','"
			       "duration',"
			       "'startTime','connected','onHold','recording','direction','"
			       "inConference',"
			       "'throughQueue','throughTrunk','counterpartNum','counterpartName'",
				"'id':{'type':'string','description':'The key it has in "
				"conversations; for "
				"a user who may not see numbers another one than for "
				"others.'},'owner':" TEXT ",'linkedId':" TEXT ",'uniqueId':" TEXT
				",'queueId':" TEXT ",'chSource':" PART("Channel") ",'chDest':" PART(
					"Channel") ",'duration':{'type':'integer','description':'"
						   "Seconds.'},"
						   "'startTime':{'type':'integer','description':'"
						   "Milliseconds since 1970.'},"
						   "'connected':" FLAG ",'onHold':" FLAG
						   ",'recording':" ONE_OF("'false','true','mute'") ",'direction':" ONE_OF(
							   "'in','out'") ",'inConference':" FLAG
									 ",'throughQueue':" FLAG
									 ",'throughTrunk':" FLAG
									 ",'counterpartNum':" TEXT
									 ",'counterpartName'"
									 ":" TEXT) },
		{ "Extension",
			OBJECT("'exten','name','username','status','ip','port','sipuseragent','dnd'"
			       ",'seq',"
			       "'codecs','cf','cfb','cfu','cfVm','cfbVm','cfuVm','chanType','"
			       "context','mac',"
			       "'useWebsocket','conversations'",
				"'exten':" TEXT ",'name':" TEXT ",'username':" TEXT
				",'status':" ONE_OF(
					"'online','offline','busy','ringing','busy_ringing','"
					"onhold'") ",'ip':" TEXT ",'port':" TEXT
						   ",'sipuseragent':" TEXT ",'dnd':" FLAG
						   ",'seq':{'type':'integer','description':'Grows "
						   "with every change: of two "
						   "states of an extension the one with the higher "
						   "seq counts, the answer of "
						   "GET /api/astproxy/extensions "
						   "too.'},'codecs':{'type':'array','items':" TEXT
						   "},'cf':" TEXT ",'cfb':" TEXT ",'cfu':" TEXT
						   ",'cfVm':" TEXT ",'cfbVm':" TEXT ",'cfuVm':" TEXT
						   ",'chanType':" TEXT ",'context':" TEXT
						   ",'mac':" TEXT ",'useWebsocket':" FLAG
						   ",'conversations':" MAP(PART("Conversation"))) },
		{ "Call", OBJECT("", "'linkedid':" TEXT ",'uniqueid':" TEXT) },
		{ NULL },
	};

const struct event_shape event_shapes[] = {
	{ "login", SPEAKER_CLIENT, TO_RELAY,
		"The first event of a connection: who it is. Answered by `authe_ok`, or by `401` "
		"and the end of the connection. "
		"`uaType` asks for the only session of its kind: the other one of this user hears "
		"`takeOver`. Once more on the same "
		"socket, with a newer token, it makes the connection go on with that.",
		OBJECT("'accessKeyId','token'",
			"'accessKeyId':{'type':'string','maxLength':255,'description':'The user "
			"name, with or "
			"without the "
			"domain.'},'token':{'type':'string','maxLength':4096,'description':'The "
			"token of POST /api/login, "
			"or a persistent one.'},'uaType':" ONE_OF("'mobile','desktop'")),
		"{'accessKeyId':'alice','token':'eyJ...','uaType':'desktop'}" },
	{ "ping", SPEAKER_CLIENT, TO_RELAY,
		"Is anyone there? Has an acknowledgement, which comes at once, before the login "
		"too.",
		"", "" },
	{ "takeOverAck", SPEAKER_CLIENT, TO_RELAY,
		"The older session agrees to end, in answer to `takeOver`: the newer one need not "
		"wait.",
		"", "" },
	{ "message", SPEAKER_CLIENT, "all sockets of `destUser`, a user of the same domain",
		"Heard there as `message`, with `callUser` as the sender is called and whatever "
		"else it has. `screenSharingStart` takes the "
		"permission `nethvoice_cti.screen_sharing`. At most 8 KiB, and 10 a second of a "
		"user; what is too much is dropped.",
		OBJECT("'message','destUser'",
			"'message':{'type':'string','maxLength':64},'destUser':" TEXT
			",'callUser':" TEXT ",'roomId':{'type':['integer','number','string']}"),
		"{'message':'videoCallStart','destUser':'bob','callUser':'alice'}" },
	{ "start_transcription", SPEAKER_CLIENT, TO_RELAY,
		"Asks for what is said in a call that an extension of the user takes part in "
		"(`nethvoice_cti.satellite_stt`); it comes as "
		"`satellite/transcription`, where something transcribes. One call at a time.",
		PART("Call"), "{'linkedid':'1760000000.12'}" },
	{ "stop_transcription", SPEAKER_CLIENT, TO_RELAY, "Ends it.", PART("Call"),
		"{'linkedid':'1760000000.12'}" },

	{ "authe_ok", SPEAKER_RELAY, TO_SOCKET, "The login is complete: from now on events come.",
		OBJECT("'message'",
			"'message':{'type':'string','const':'authorized successfully'}"),
		"{'message':'authorized successfully'}" },
	{ "401", SPEAKER_RELAY, TO_SOCKET,
		"The login is refused; the connection ends (Socket.IO disconnect, as the client is "
		"not to try again with this token).",
		OBJECT("'message'", "'message':{'type':'string','const':'unauthorized access'}"),
		"{'message':'unauthorized access'}" },
	{ "bad_request", SPEAKER_RELAY, TO_SOCKET,
		"An event of the client was not as described. After ten in a minute the connection "
		"ends.",
		"", "" },
	{ "takeOver", SPEAKER_RELAY, "older sessions of the user with the same `uaType`",
		"The user has logged in elsewhere. Answered by `takeOverAck` or by leaving; after "
		"8 s, or 2 s after the newer login is "
		"complete, the connection is ended.",
		"", "" },
	{ "message", SPEAKER_RELAY, "all sockets of the user it is for",
		"Another user of the domain said it (`message` of clients).",
		"{'type':'object','required':['message','destUser','callUser'],'"
		"additionalProperties':true,'properties':{'message':" TEXT ",'destUser':" TEXT
		",'callUser':{'type':'string','description':'Who said it: put there by the "
		"relay.'},"
		"'roomId':{'type':['integer','number','string']}}}",
		"{'message':'videoCallStart','destUser':'bob','callUser':'alice'}" },

	{ "extenUpdate", SPEAKER_SERVER, TO_WATCHERS,
		"An extension changed: its whole state. Numbers are masked for users who may not "
		"see them.",
		PART("Extension"),
		"{'exten':'201','name':'Alice "
		"Example','username':'alice','status':'online','ip':'192.0.2.10','port':'5060',"
		"'sipuseragent':'DeskPhone "
		"1.0','dnd':false,'seq':1760000000000000,'codecs':[],'cf':'','cfb':'','cfu':'','"
		"cfVm':'',"
		"'cfbVm':'','cfuVm':'','chanType':'sip','context':'','mac':'','useWebsocket':false,"
		"'conversations':{}}" },
	{ "extenRinging", SPEAKER_SERVER, TO_USER,
		"A device of the user begins to ring. Told once.",
		OBJECT("'numCalled','callerNum','callerName','callerHasConf'",
			"'numCalled':" TEXT ",'callerNum':" TEXT ",'callerName':" TEXT
			",'callerHasConf':" FLAG),
		"{'numCalled':'201','callerNum':'0721000000','callerName':'ACME','callerHasConf':"
		"false}" },
	{ "extenConnected", SPEAKER_SERVER, TO_USER,
		"A call of this device of the user was answered. Told once.",
		OBJECT("'extenConnected'", "'extenConnected':" TEXT), "{'extenConnected':'201'}" },
	{ "extenConvConnected", SPEAKER_SERVER, TO_USER, "The same, with both ends. Told once.",
		OBJECT("'num1','num2','direction','uniqueid','linkedid','throughTrunk'",
			"'num1':" TEXT ",'num2':" TEXT
			",'direction':" ONE_OF("'in','out'") ",'uniqueid':" TEXT ",'linkedid':" TEXT
							     ",'throughTrunk':" FLAG),
		"{'num1':'201','num2':'0721000000','direction':'in','uniqueid':'1760000000.12','"
		"linkedid':'1760000000.12',"
		"'throughTrunk':false}" },
	{ "extenHangup", SPEAKER_SERVER, TO_USER,
		"A call of this device of the user has ended: `callerNum` and `channelExten` are "
		"the device, `calledNum` the other end, "
		"in calls either way. Told once.",
		OBJECT("'cause','callerNum','channelExten','calledNum'",
			"'cause':{'type':'string','description':'normal_clearing, user_busy, "
			"no_answer, call_rejected, "
			"answered_elsewhere and the like'},'callerNum':" TEXT
			",'channelExten':" TEXT ",'calledNum':" TEXT),
		"{'cause':'normal_clearing','callerNum':'201','channelExten':'201','calledNum':'"
		"202'}" },
	{ "userMainPresenceUpdate", SPEAKER_SERVER, TO_WATCHERS,
		"The main presence of a user changed: what the user chose, or what the devices do.",
		OBJECT("'mainPresence'", "'mainPresence':" PART("Presence")),
		"{'mainPresence':{'username':'alice','status':'busy'}}" },
	{ "userPresenceUpdate", SPEAKER_SERVER, TO_WATCHERS,
		"A user chose a presence: the one that is now, the one for when the user is busy, "
		"or is not there. One of the three members.",
		"{'type':'object','minProperties':1,'maxProperties':1,'properties':{'presence'"
		":" PART("Presence") ",'presence_onbusy':" PART(
			"Presence") ",'presence_onunavailable':" PART("Presence") "}}",
		"{'presence':{'username':'alice','status':'callforward','to':'202'}}" },
	{ "userProfileAvatarUpdate", SPEAKER_SERVER, TO_DOMAIN,
		"A user has another picture; without `avatar` it is gone, and with `changed` it is "
		"too large to be sent and has to be fetched.",
		OBJECT("'username'",
			"'username':" TEXT ",'avatar':{'type':['string','null']},'changed':" FLAG),
		"{'username':'alice','avatar':null,'changed':true}" },
	{ "updateDefaultDevice", SPEAKER_SERVER, TO_USER,
		"The user chose another device to call with: its extension.", TEXT, "'91201'" },
	{ "updateNewVoiceMessages", SPEAKER_SERVER, TO_USER,
		"How many messages a mailbox of the user has, by its name.",
		MAP(OBJECT("'inbox','old'", "'inbox':" NUMBER ",'old':" NUMBER)),
		"{'201':{'inbox':2,'old':5}}" },
	{ "newVoiceMessageCounter", SPEAKER_SERVER, TO_USER, "How many of them are new. Told once.",
		OBJECT("'voicemail','counter'", "'voicemail':" TEXT ",'counter':" NUMBER),
		"{'voicemail':'201','counter':2}" },
	{ "callWebrtc", SPEAKER_SERVER, TO_USER,
		"The page is to call this number: `POST /api/astproxy/call`. Told once.", TEXT,
		"'0721000000'" },
	{ "answerWebrtc", SPEAKER_SERVER, TO_USER,
		"The page is to answer, with this extension. Told once.", TEXT, "'91201'" },
	{ "actionNethLink", SPEAKER_SERVER, TO_USER,
		"The desktop program is to open this address: of a call, or to answer. Told once.",
		TEXT "," ONE_OF("'call','answer'"), "'tel:0721000000','call'" },
	{ "securityNotice", SPEAKER_SERVER, TO_USER,
		"Someone tried wrong passwords or codes, and the account is locked there until "
		"then. Told once.",
		OBJECT("'kind','until'",
			"'kind':" ONE_OF(
				"'password_locked','otp_locked'") ",'until':{'type':'string','"
								  "format':'date-time'}"),
		"{'kind':'password_locked','until':'2026-11-17T10:45:00Z'}" },
	{ "account.created", SPEAKER_SERVER, TO_ADMINS, "An account of the space was made.",
		PART("Account"),
		"{'id':42,'username':'alice','domain':'example.org','activated':true,'blocked':"
		"false}" },
	{ "account.updated", SPEAKER_SERVER, TO_ADMINS, "It was changed.", PART("Account"),
		"{'id':42,'username':'alice','domain':'example.org','activated':true,'blocked':"
		"true}" },
	{ "account.deleted", SPEAKER_SERVER, TO_ADMINS, "It was deleted.", PART("Account"),
		"{'id':42,'username':'alice','domain':'example.org','activated':true,'blocked':"
		"false}" },

#define PRODUCED(name, to, when, example)                                                          \
	{                                                                                          \
		name, SPEAKER_PRODUCER, to, when, "{'type':'object','additionalProperties':true}", \
			example                                                                    \
	}
	PRODUCED("queueUpdate", "those who see queues", "A queue changed.", "{'queue':'401'}"),
	PRODUCED("queueMemberUpdate", "those who see queues", "An agent of a queue changed.",
		"{'queue':'401','member':'201'}"),
	PRODUCED("trunkUpdate", "those who see trunks", "A trunk changed.", "{'exten':'2001'}"),
	PRODUCED("parkingUpdate", "those who see parkings", "A parking place changed.",
		"{'parking':'71'}"),
	PRODUCED("qmAlarm", "those who supervise queues",
		"A queue is in need of agents, or well again.",
		"{'queue':'401','alarm':'queueload','status':'ok'}"),
	PRODUCED("confBridgeUpdate", "those in the conference", "Who is in a conference.",
		"{'id':'201','users':{}}"),
	PRODUCED("confBridgeEnd", "its owner", "A conference has ended.", "{'id':'201'}"),
	PRODUCED("streamingSourceUpdate", "those who asked for the source",
		"A picture of a camera.", "{'streaming':{'source':'gate'}}"),
	PRODUCED("satellite/transcription", "those who asked for the call",
		"What was said in a call (`start_transcription`).",
		"{'uniqueid':'1760000000.12','transcription':'hello'}"),
	PRODUCED("satellite/summary", TO_USER, "A summary of a call is ready.",
		"{'uniqueid':'1760000000.12'}"),
	PRODUCED("clientUpdated", "every client", "There is a newer version of the client.",
		"{'previousVer':'3.29.0','newVer':'3.30.1'}"),
	{ "serverReloaded", SPEAKER_PRODUCER, "every client",
		"What clients know of their users is to be read again.", "", "" },
	{ NULL },
};
