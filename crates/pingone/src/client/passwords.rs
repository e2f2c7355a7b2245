//! A user's password: <https://developer.pingidentity.com/pingone-api/platform/users/user-passwords.html>

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::{
    Client,
    call::{Call, FORCE_CHANGE, RESET_PASSWORD, SET_PASSWORD, SET_PASSWORD_VALUE},
    exchange::Attempts,
};
use crate::{Error, NewPassword, PasswordState, Secret};

impl Client {
    /// The state of a user's password; the password itself is never told.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn password(&self, id: Uuid) -> Result<PasswordState, Error> {
        self.shared.send(&self.password_call(Method::GET, id)).await?.json()
    }

    /// Sets a user's password, which may be encoded already. A clear one must satisfy the password policy.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_password(&self, id: Uuid, password: &NewPassword) -> Result<(), Error> {
        let call = self.password_call(Method::PUT, id).with_body(SET_PASSWORD, password);
        self.send_password(&call).await
    }

    /// The same, whatever the password policy says.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn set_password_bypassing_policy(&self, id: Uuid, password: &NewPassword) -> Result<(), Error> {
        let NewPassword { value, force_change } = password;
        let body = json!({ "value": value.expose(), "forceChange": force_change, "bypassPolicy": true });
        let call = self.password_call(Method::PUT, id).with_body(SET_PASSWORD, &body);
        self.send_password(&call).await
    }

    /// Gives a user a temporary password, which it must change at the next sign-on. It need not satisfy the
    /// password policy, and a password that was locked is unlocked.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn reset_password(&self, id: Uuid, temporary: &Secret) -> Result<(), Error> {
        let body = json!({ "newPassword": temporary.expose() });
        let call = self.password_call(Method::PUT, id).with_body(RESET_PASSWORD, &body);
        self.send_password(&call).await
    }

    /// Takes a user's password away.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn clear_password(&self, id: Uuid) -> Result<(), Error> {
        let call = self.password_call(Method::PUT, id).with_body(SET_PASSWORD_VALUE, &json!({}));
        self.send_password(&call).await
    }

    /// Makes a user change its password at the next sign-on.
    ///
    /// # Errors
    /// As every call: see [`Error`].
    pub async fn force_password_change(&self, id: Uuid) -> Result<(), Error> {
        let call = self.password_call(Method::POST, id).with_empty_body(FORCE_CHANGE);
        self.send_password(&call).await
    }

    fn password_call(&self, method: Method, id: Uuid) -> Call {
        self.call(method, &["users", &id.to_string(), "password"])
    }

    async fn send_password(&self, call: &Call) -> Result<(), Error> {
        let mut attempts = Attempts::default();
        match self.shared.send_noting(call, &mut attempts).await {
            // The earlier attempt whose answer was lost has set it.
            Err(error) if attempts.is_doubtful && error.is_password_reuse() => Ok(()),
            result => result.map(|_| ()),
        }
    }
}
