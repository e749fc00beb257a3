// Lambda hands credentials over in the environment. The SDK's own provider would also look into files, SSO, other
// processes and the EC2 metadata service: 100 KB to find nothing.
exports.defaultProvider = () => async () => {
	// biome-ignore lint/style/noProcessEnv: it is the SDK's configuration, not ours.
	const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
	return {
		accessKeyId: AWS_ACCESS_KEY_ID,
		secretAccessKey: AWS_SECRET_ACCESS_KEY,
		sessionToken: AWS_SESSION_TOKEN,
	};
};
