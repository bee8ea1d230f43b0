package hints

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/offhook/offhook/sync/pace"
)

// pulseMicrophone asks the sound server (PulseAudio, or PipeWire in its place) whether any program records from
// a microphone. It opens none itself.
func pulseMicrophone(ctx context.Context, tell func(pace.Hint)) error {
	changed, gone := make(chan struct{}, 1), make(chan struct{}, 1)
	client := &proto.Client{Callback: func(message any) {
		signal := changed
		switch message.(type) {
		case *proto.SubscribeEvent:
		case *proto.ConnectionClosed:
			signal = gone
		default:
			return
		}
		select {
		case signal <- struct{}{}:
		default:
		}
	}}
	conn, err := pulse(ctx, client)
	if err != nil {
		return fmt.Errorf("the sound server: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := client.Request(&proto.Subscribe{Mask: proto.SubscriptionMaskSourceInput}, nil); err != nil {
		return fmt.Errorf("the sound server: %w", err)
	}
	for {
		is, err := recorded(client)
		if err != nil {
			return fmt.Errorf("the sound server: %w", err)
		}
		if is {
			tell(pace.MicrophoneOn)
		} else {
			tell(pace.MicrophoneOff)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-gone:
			return errors.New("the sound server has gone")
		case <-changed:
		}
	}
}

// recorded tells whether a program records from a source that is no echo of a loudspeaker. What only shows a
// level (a mixer's meter) does not count.
func recorded(client *proto.Client) (bool, error) {
	var outputs proto.GetSourceOutputInfoListReply
	if err := client.Request(&proto.GetSourceOutputInfoList{}, &outputs); err != nil {
		return false, err
	}
	for _, o := range outputs {
		if o.Corked || o.ResampleMethod == "peaks" || o.SourceIndex == proto.Undefined {
			continue
		}
		var source proto.GetSourceInfoReply
		if err := client.Request(&proto.GetSourceInfo{SourceIndex: o.SourceIndex}, &source); err != nil {
			continue // it has just gone
		}
		if source.MonitorSourceIndex == proto.Undefined {
			return true, nil
		}
	}
	return false, nil
}

// pulse connects to the person's own sound server.
func pulse(ctx context.Context, client *proto.Client) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", pulseSocket())
	if err != nil {
		return nil, err
	}
	client.SetTimeout(5 * time.Second)
	client.Open(conn)
	cookie, err := pulseCookie()
	if err == nil {
		var reply proto.AuthReply
		if err = client.Request(&proto.Auth{Version: client.Version(), Cookie: cookie}, &reply); err == nil {
			client.SetVersion(reply.Version)
			err = client.Request(&proto.SetClientName{Props: proto.PropList{
				"application.name": proto.PropListString("offhook")}}, &proto.SetClientNameReply{})
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func pulseSocket() string {
	if server := os.Getenv("PULSE_SERVER"); strings.HasPrefix(server, "/") || strings.HasPrefix(server, "unix:") {
		return strings.TrimPrefix(server, "unix:")
	}
	folder := os.Getenv("PULSE_RUNTIME_PATH")
	if folder == "" {
		run := os.Getenv("XDG_RUNTIME_DIR")
		if run == "" {
			run = fmt.Sprintf("/run/user/%d", os.Getuid())
		}
		folder = filepath.Join(run, "pulse")
	}
	return filepath.Join(folder, "native")
}

// pulseCookie is what the server knows its own person by; where it knows them by the socket any will do.
func pulseCookie() ([]byte, error) {
	file := os.Getenv("PULSE_COOKIE")
	if file == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return nil, err
		}
		file = filepath.Join(config, "pulse", "cookie")
	}
	cookie, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return make([]byte, 256), nil
	}
	return cookie, err
}
