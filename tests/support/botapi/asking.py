"""Methods that look something up, answer a press or set something."""

from __future__ import annotations

from .errors import Violation, bad_request
from .model import Chat, Json
from .sending import Files
from .wire import chat_json, user_json
from .world import World

DOWNLOAD_BYTES = 20 * 1024 * 1024
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def answer_callback_query(world: World, params: Json, files: Files) -> bool:
    """answerCallbackQuery: once per press and not too late."""
    press = world.presses.get(params["callback_query_id"])
    late = press is not None and world.clock() - press.at > world.query_lifetime_s
    if press is None or press.answered or late:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    press.settle(params.get("text", ""), alert=params.get("show_alert", False))
    world.changed.fire()
    return True


def get_file(world: World, params: Json, files: Files) -> Json:
    """getFile: files over 20 MB cannot be fetched by bots."""
    file = world.files.get(params["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": f"u-{file.file_id}",
        "file_size": len(file.data),
        "file_path": file.path,
    }


def get_chat(world: World, params: Json, files: Files) -> Json:
    """getChat."""
    chat = world.reach(params["chat_id"])
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return chat_json(chat) | {
        "accent_color_id": 1,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }


def get_chat_member(world: World, params: Json, files: Files) -> Json:
    """getChatMember: everyone known is a member, the bot perhaps an administrator."""
    chat = world.reach(params["chat_id"])
    account = world.accounts.get(params["user_id"])
    if account is None:
        raise bad_request("user not found")
    if account is world.bot:
        return bot_member_json(world, chat)
    return {"status": "member", "user": user_json(account)}


def send_chat_action(world: World, params: Json, files: Files) -> bool:
    """sendChatAction."""
    world.reach(params["chat_id"])
    if params["action"] not in _ACTIONS:
        raise Violation(f"wrong parameter action: {params['action']}")
    return True


def set_my_commands(world: World, params: Json, files: Files) -> bool:
    """setMyCommands."""
    world.commands = params["commands"]
    return True


def bot_member_json(world: World, chat: Chat) -> Json:
    """The bot's own `ChatMember` in a chat."""
    user = user_json(world.bot)
    if not chat.bot_is_member:
        return {"status": "kicked", "user": user, "until_date": 0}
    if not chat.bot_is_admin:
        return {"status": "member", "user": user}
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users "
        "can_post_stories can_edit_stories can_delete_stories can_send_welcome_messages"
    )
    return {"status": "administrator", "user": user} | dict.fromkeys(rights.split(), False)
